using System.CommandLine;
using Bank;
using Runtime.Tool.Arguments;
using Runtime.Tool.Output;

namespace Runtime.Tool.Verbs;

/// <summary><c>sample bank</c>: a program of loci and capabilities to watch, and to read.</summary>
internal static class SampleVerb
{
    private const string BankName = "bank";

    internal static Verb Create(ToolConsole console, VolumeOption volume)
    {
        var name = new Argument<string>("NAME") { Description = "Which one: bank." };
        name.AcceptOnlyFromAmong(BankName);
        var verb = new Verb("sample", "Run a sample program, whose source is in samples/, on a volume of its own.")
        {
            Notes =
            [
                "bank: accounts, ledger and teller are containers; customers are loci that move money by invoking the",
                "teller; one tries what it may not. Run it again on the same volume: money, code and capabilities are",
                "still there, as 'katydid capabilities' shows.",
            ],
            Examples = ["sample bank --volume /tmp/bank"],
        };
        verb.Arguments.Add(name);
        verb.SetAction(async (command, cancellationToken) =>
            await BankSample.RunAsync(volume.Resolve(command), console.Output, cancellationToken)
                ? ExitCode.Success
                : ExitCode.Failure);
        return verb;
    }
}

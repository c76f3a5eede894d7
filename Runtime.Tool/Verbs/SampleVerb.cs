using System.CommandLine;
using Bank;
using OwnManager;
using Runtime.Tool.Arguments;
using Runtime.Tool.Output;
using Runtime.Tool.Tracing;

namespace Runtime.Tool.Verbs;

/// <summary><c>sample NAME</c>: programs to watch, and to read.</summary>
internal static class SampleVerb
{
    private const string BankName = "bank";
    private const string ManagerName = "manager";

    internal static Verb Create(ToolConsole console, VolumeOption volume)
    {
        var name = new Argument<string>("NAME") { Description = "Which one: bank or manager." };
        name.AcceptOnlyFromAmong(BankName, ManagerName);
        var verb = new Verb("sample", "Run a sample program, whose source is in samples/, on a volume of its own.")
        {
            Notes =
            [
                "bank: accounts, ledger and teller are containers; customers are loci that move money by invoking the",
                "teller; one tries what it may not. Run it again on the same volume: money, code and capabilities are",
                "still there, as 'katydid capabilities' shows.",
                "manager: a container whose pages a manager of the sample's own keeps in a log. It counts its runs;",
                "docs/writing-a-manager.md builds it, and shows what 'katydid trace' says of it.",
            ],
            Examples = ["sample bank --volume /tmp/bank", "trace -- sample manager --volume /tmp/manager"],
        };
        verb.Arguments.Add(name);
        verb.SetAction(async (command, cancellationToken) =>
        {
            string directory = volume.Resolve(command);
            bool isSound = command.GetRequiredValue(name) == BankName
                ? await BankSample.RunAsync(directory, console.Output, ToolTrace.Current, cancellationToken)
                : await OwnManagerSample.RunAsync(directory, console.Output, ToolTrace.Current, cancellationToken);
            return isSound ? ExitCode.Success : ExitCode.Failure;
        });
        return verb;
    }
}

using System.CommandLine;
using Runtime.Bench.Storage;

namespace Runtime.Bench.Invocations;

/// <summary>The verb <c>invocations</c>: moving a locus to another container and back, and what others offer.</summary>
internal static class InvocationCommand
{
    internal static Command Create()
    {
        Option<int> rounds = BenchCommand.NumberOption("--rounds", "How often every side has its turn.");
        var command = new Command("invocations", "Times kmo_invoke and kmo_return beside hand-offs of .NET.")
        {
            rounds,
        };
        command.SetAction(arguments =>
        {
            foreach (Sample sample in InvocationRounds.Run(arguments.GetRequiredValue(rounds)))
            {
                Console.WriteLine(sample.ToJson());
            }
        });
        return command;
    }
}

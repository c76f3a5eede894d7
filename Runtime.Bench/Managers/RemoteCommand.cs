using System.CommandLine;
using Runtime.Bench.Storage;

namespace Runtime.Bench.Managers;

/// <summary>The verb <c>remote</c>: a file behind HTTP, from a server that takes its time.</summary>
internal static class RemoteCommand
{
    internal static Command Create()
    {
        Option<int> megabytes = BenchCommand.NumberOption("--megabytes", "Of the file.");
        Option<int> rounds = BenchCommand.NumberOption("--rounds", "Passes of each side.");
        var command = new Command("remote", "Times reading a remote file in order.") { megabytes, rounds };
        command.SetAction(arguments =>
        {
            using var passes = new RemotePasses(arguments.GetRequiredValue(megabytes) << 20);
            foreach (Sample sample in passes.Run(arguments.GetRequiredValue(rounds)))
            {
                Console.WriteLine(sample.ToJson());
            }
        });
        return command;
    }
}

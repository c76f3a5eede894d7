using System.CommandLine;
using Runtime.Bench.Storage;

namespace Runtime.Bench.Reads;

/// <summary>The verb <c>reads</c>: the same bytes through a container of each engine and through the peers.</summary>
internal static class ReadCommand
{
    internal static Command Create()
    {
        Option<string> folder = BenchCommand.FolderOption();
        Option<int> megabytes = BenchCommand.NumberOption("--megabytes", "Of the container; a quarter fits in memory.");
        Option<int> rounds = BenchCommand.NumberOption("--rounds", "Passes of each side in each order.");
        var command = new Command("reads", "Times reading what is not in memory.") { folder, megabytes, rounds };
        command.SetAction(arguments => BenchCommand.Print(
            arguments.GetRequiredValue(folder),
            own => new ReadPasses(own, (long)arguments.GetRequiredValue(megabytes) << 20)
                .Run(arguments.GetRequiredValue(rounds))));
        return command;
    }
}

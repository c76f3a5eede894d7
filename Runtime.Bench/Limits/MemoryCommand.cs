using System.CommandLine;
using Runtime.Bench.Storage;

namespace Runtime.Bench.Limits;

/// <summary>The verb <c>memory</c>: how well the memory budget is kept.</summary>
internal static class MemoryCommand
{
    internal static Command Create()
    {
        Option<string> folder = BenchCommand.FolderOption();
        Option<int> megabytes = BenchCommand.NumberOption("--megabytes", "The budget.");
        Option<int> rounds = BenchCommand.NumberOption("--rounds", "Times that each side works.");
        var command = new Command("memory", "Measures how much memory is in use at most.")
        {
            folder, megabytes, rounds,
        };
        command.SetAction(arguments => BenchCommand.Print(
            arguments.GetRequiredValue(folder),
            own => new MemoryRun(Path.Combine(own, "memory"), (long)arguments.GetRequiredValue(megabytes) << 20)
                .Run(arguments.GetRequiredValue(rounds))));
        return command;
    }
}

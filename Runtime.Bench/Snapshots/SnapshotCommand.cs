using System.CommandLine;
using Runtime.Bench.Storage;

namespace Runtime.Bench.Snapshots;

/// <summary>The verb <c>snapshots</c>: cuts, and the way to the disk.</summary>
internal static class SnapshotCommand
{
    internal static Command Create()
    {
        Option<string> folder = BenchCommand.FolderOption();
        Option<int> rounds = BenchCommand.NumberOption("--rounds", "Snapshots of each size by each side.");
        var command = new Command("snapshots", "Times cuts and durable snapshots.") { folder, rounds };
        command.SetAction(arguments => BenchCommand.Print(
            arguments.GetRequiredValue(folder),
            own => new SnapshotRounds(own, arguments.GetRequiredValue(rounds)).Run()));
        return command;
    }
}

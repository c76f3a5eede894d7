using System.CommandLine;
using Runtime.Bench.Storage;

namespace Runtime.Bench.Limits;

/// <summary>The verb <c>scale</c>: how many containers and pages there can be at once.</summary>
internal static class ScaleCommand
{
    internal static Command Create()
    {
        Option<string> folder = BenchCommand.FolderOption();
        Option<string> engine = BenchCommand.EngineOption();
        Option<int> containers = BenchCommand.NumberOption("--containers", "Small ones, open at once.");
        Option<int> pages = BenchCommand.NumberOption("--pages", "Scattered ones, in memory at once.");
        var command = new Command("scale", "Opens many containers and touches many pages.")
        {
            folder, engine, containers, pages,
        };
        command.SetAction(arguments => BenchCommand.Print(
            arguments.GetRequiredValue(folder),
            own => new ScaleRun(own, BenchCommand.EngineNamed(arguments.GetRequiredValue(engine)))
                .Run(arguments.GetRequiredValue(containers), arguments.GetRequiredValue(pages))));
        return command;
    }
}

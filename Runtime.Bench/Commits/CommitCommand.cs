using System.CommandLine;
using Runtime.Bench.Storage;

namespace Runtime.Bench.Commits;

/// <summary>The verb <c>commits</c>: one page per durable commit, one line of JSON; arguments as the peers'.</summary>
internal static class CommitCommand
{
    internal static Command Create()
    {
        Option<string> engine = BenchCommand.EngineOption();
        var folder = new Argument<string>("folder") { Description = "Where to make the volume." };
        var threads = new Argument<int>("threads") { Description = "Each with a container of its own." };
        var commits = new Argument<int>("commits") { Description = "Of all threads together." };
        var command = new Command("commits", "Times durable snapshots of one page.")
        {
            engine, folder, threads, commits,
        };
        command.SetAction(arguments => BenchCommand.Print(
            arguments.GetRequiredValue(folder),
            own =>
            [
                new CommitLoop(
                    own,
                    BenchCommand.EngineNamed(arguments.GetRequiredValue(engine)),
                    arguments.GetRequiredValue(threads))
                    .Run(arguments.GetRequiredValue(commits)),
            ]));
        return command;
    }
}

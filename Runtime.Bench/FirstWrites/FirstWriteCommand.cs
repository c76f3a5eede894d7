using System.CommandLine;
using Runtime.Bench.Storage;

namespace Runtime.Bench.FirstWrites;

/// <summary>The verb <c>first-writes</c>: pages that a snapshot closed to writing, one line of JSON.</summary>
internal static class FirstWriteCommand
{
    internal static Command Create()
    {
        Option<string> engine = BenchCommand.EngineOption();
        var isSaved = new Option<bool>("--saved") { Description = "Wait until the pages are saved." };
        var pages = new Argument<int>("pages") { Description = "Of the container, all of them resident." };
        var rounds = new Argument<int>("rounds") { Description = "Snapshots." };
        var command = new Command("first-writes", "Times first writes after a snapshot.")
        {
            engine, isSaved, pages, rounds,
        };
        command.SetAction(arguments =>
        {
            var loop = new FirstWriteLoop(
                BenchCommand.EngineNamed(arguments.GetRequiredValue(engine)),
                arguments.GetRequiredValue(pages),
                arguments.GetValue(isSaved));
            Console.WriteLine(loop.Run(arguments.GetRequiredValue(rounds)).ToJson());
        });
        return command;
    }
}

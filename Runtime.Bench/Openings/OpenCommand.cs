using System.CommandLine;
using Runtime.Bench.Storage;

namespace Runtime.Bench.Openings;

/// <summary>The verb <c>openings</c>: volumes of different sizes, or the first one of a process.</summary>
internal static class OpenCommand
{
    internal static Command Create()
    {
        Option<string> folder = BenchCommand.FolderOption();
        var rounds = new Option<int>("--rounds") { Description = "Openings of each.", DefaultValueFactory = _ => 1 };
        var isQuick = new Option<bool>("--quick") { Description = "Smaller volumes." };
        var first = new Option<string?>("--first") { Description = "Only the first one, under this engine." };
        var command = new Command("openings", "Times opening a volume.") { folder, rounds, isQuick, first };
        command.SetAction(arguments => BenchCommand.Print(
            arguments.GetRequiredValue(folder),
            own =>
            {
                var openings = new OpenRounds(own, arguments.GetValue(isQuick));
                return arguments.GetValue(first) is { } engine
                    ? openings.RunFirst(BenchCommand.EngineNamed(engine))
                    : openings.Run(arguments.GetValue(rounds));
            }));
        return command;
    }
}

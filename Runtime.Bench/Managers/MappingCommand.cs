using System.CommandLine;
using Runtime.Bench.Storage;

namespace Runtime.Bench.Managers;

/// <summary>The verb <c>mappings</c>: first touches through containers that show each other.</summary>
internal static class MappingCommand
{
    internal static Command Create()
    {
        Option<int> rounds = BenchCommand.NumberOption("--rounds", "How often every depth has its turn.");
        var command = new Command("mappings", "Times faults through mappings of several depths.") { rounds };
        command.SetAction(arguments =>
        {
            foreach (Sample sample in MappingRounds.Run(arguments.GetRequiredValue(rounds)))
            {
                Console.WriteLine(sample.ToJson());
            }
        });
        return command;
    }
}

using System.CommandLine;
using Runtime.Native;

namespace Runtime.Bench.Faults;

/// <summary>The verb <c>engines</c>: those that can be measured here, one name a line.</summary>
internal static class EnginesCommand
{
    internal static Command Create()
    {
        var command = new Command("engines", "Names the trap engines that are available.");
        command.SetAction(_ =>
        {
            foreach (TrapEngine engine in TrapEngine.All.Where(engine => engine.Unavailable is null))
            {
                Console.WriteLine(engine.Name);
            }
        });
        return command;
    }
}

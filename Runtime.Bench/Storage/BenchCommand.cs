using System.CommandLine;
using Runtime.Native;

namespace Runtime.Bench.Storage;

/// <summary>What the verbs that need files have in common: a folder to work in, and how an error ends them.</summary>
internal static class BenchCommand
{
    /// <summary>The engines that can be measured here.</summary>
    internal static IReadOnlyList<TrapEngine> Engines =>
        [.. TrapEngine.All.Where(engine => engine.Unavailable is null)];

    internal static Option<string> FolderOption() =>
        new("--folder") { Description = "Where to make files, which are removed at the end.", Required = true };

    internal static Option<int> NumberOption(string name, string description) =>
        new(name) { Description = description, Required = true };

    internal static Option<string> EngineOption()
    {
        var engine = new Option<string>("--engine") { Description = "The trap engine.", Required = true };
        engine.AcceptOnlyFromAmong([.. TrapEngine.All.Select(engine => engine.Name)]);
        return engine;
    }

    internal static TrapEngine EngineNamed(string name) => TrapEngine.All.First(engine => engine.Name == name);

    /// <summary>Runs a measurement in a new folder below the one given, and prints its samples as they come.</summary>
    internal static int Print(string folder, Func<string, IEnumerable<Sample>> measure)
    {
        string own = Path.Combine(folder, $"bench-{Guid.NewGuid():N}");
        try
        {
            Directory.CreateDirectory(own);
            foreach (Sample sample in measure(own))
            {
                Console.WriteLine(sample.ToJson());
            }

            return 0;
        }
        catch (Exception failure)
        {
            Console.Error.WriteLine($"{failure.GetType().Name}: {failure.Message}");
            return 1;
        }
        finally
        {
            Directory.Delete(own, recursive: true);
        }
    }
}

using NUnit.Framework;
using Runtime.Native;

namespace Runtime.Tests.Native;

/// <summary>The engines of this system; one that is not available is reported as skipped, with its reason.</summary>
internal static class Engines
{
    internal static IEnumerable<TestFixtureData> Here => TrapEngine.All.Select(Fixture);

    /// <summary>Those that need mappings for grants.</summary>
    internal static IEnumerable<TestFixtureData> ThatSplitMappings =>
        TrapEngine.All.Where(SplitsMappings).Select(Fixture);

    /// <summary>Those that need none; any one where there are none, for tests that are left out there.</summary>
    internal static IEnumerable<TestFixtureData> ThatSplitNothing =>
        TrapEngine.All.Where(engine => !SplitsMappings(engine)).DefaultIfEmpty(TrapEngine.All[0]).Select(Fixture);

    /// <summary>Whether an isolated grant costs mappings.</summary>
    internal static bool SplitsMappings(TrapEngine engine) => engine.Name != "Userfault";

    /// <summary>In a child process: the engine by the name that the test gave.</summary>
    internal static TrapEngine Named(string name) => TrapEngine.All.First(engine => engine.Name == name);

    private static TestFixtureData Fixture(TrapEngine engine)
    {
        var fixture = new TestFixtureData(engine);
        return engine.Unavailable is { } reason ? fixture.Ignore(reason) : fixture;
    }
}

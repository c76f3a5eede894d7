using NUnit.Framework;
using Runtime.Native;

namespace Runtime.Tests.Native;

/// <summary>The engines of this system; one that is not available is reported as skipped, with its reason.</summary>
internal static class Engines
{
    internal static IEnumerable<TestFixtureData> Here => TrapEngine.All.Select(engine =>
    {
        var fixture = new TestFixtureData(engine);
        return engine.Unavailable is { } reason ? fixture.Ignore(reason) : fixture;
    });

    /// <summary>In a child process: the engine by the name that the test gave.</summary>
    internal static TrapEngine Named(string name) => TrapEngine.All.First(engine => engine.Name == name);
}

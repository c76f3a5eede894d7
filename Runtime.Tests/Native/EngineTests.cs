using Runtime.Native;

namespace Runtime.Tests.Native;

/// <summary>Tests that are run with an engine; which ones says the class that inherits this one.</summary>
public abstract class EngineTests(TrapEngine engine)
{
    /// <summary>The engine under test.</summary>
    protected TrapEngine Engine { get; } = engine;

    /// <summary>A section with a window, of one arena unit unless a length is given.</summary>
    private protected TestPager Pager(
        Func<TestPager, long, FaultAccess, int>? serve = null, long length = Arena.UnitSize, string name = "test") =>
        new(Engine, length, serve, name);
}

using NUnit.Framework;
using Runtime.Native;

namespace Runtime.Tests.Native;

/// <summary>
/// What every engine promises (DESIGN 5), subject by subject in the classes that inherit this one. Each test is named
/// after the sentence that it holds. Where the systems differ the test says how.
/// </summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.Here))]
public abstract class TrapContract(TrapEngine engine)
{
    protected TrapEngine Engine { get; } = engine;

    /// <summary>A section with a window, of one arena unit unless a length is given.</summary>
    private protected TestPager Pager(
        Func<TestPager, long, FaultAccess, int>? serve = null, long length = Arena.UnitSize, string name = "test") =>
        new(Engine, length, serve, name);
}

using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Memory;
using Runtime.Core.Storage;
using Runtime.Native;
using Runtime.Native.Windows;
using Runtime.Tests.Native;

namespace Runtime.Tests.Core.Memory;

/// <summary>A kernel with the smallest budget, and several managers that the test bends.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.Here))]
public abstract class MemoryPressureFixture(TrapEngine engine)
{
    protected const long PageSize = PageNumber.Size;

    /// <summary>From one page to the next so far that each has memory of its own: on Windows a chunk.</summary>
    protected static readonly long Stride = OperatingSystem.IsWindows() ? Chunk.Size : PageSize;

    /// <summary>So many pages, a stride apart, fit into the budget.</summary>
    protected static readonly long BudgetUnits = AvailableMemory.LeastBudget / Stride;

    private protected PressedManager Large { get; private set; } = null!;

    private protected PressedManager Small { get; private set; } = null!;

    private protected Kernel Kernel { get; private set; } = null!;

    /// <summary>The home volume.</summary>
    private protected virtual IVolume OpenVolume() => new MemoryVolume();

    /// <summary>Whether the kernel may put dirty pages aside.</summary>
    protected bool Spills { get; set; } = true;

    [SetUp]
    public void Boot()
    {
        Large = new PressedManager();
        Small = new PressedManager();
        var options = new KernelOptions
        {
            OpenVolume = OpenVolume,
            Engine = engine,
            MemoryBudget = AvailableMemory.LeastBudget,
            PageDiscardLimit = TimeSpan.FromMilliseconds(200),
            FaultDeadline = TimeSpan.FromSeconds(20),
            SnapshotOnDispose = false,
            SpillsDirtyPages = Spills,
        };
        options.Managers.Add("large", () => Large);
        options.Managers.Add("small", () => Small);
        Kernel = Kernel.Boot(options);
    }

    [TearDown]
    public void ShutDown()
    {
        Large.OnDiscard = Small.OnDiscard = null;
        Kernel.Dispose();
        Large.Dispose();
        Small.Dispose();
    }

    private protected Container Open(string manager, long units, string? name = null) =>
        Kernel.OpenContainer(name ?? manager, units * Stride, manager);

    /// <summary>Touches pages a stride apart.</summary>
    protected static void Read(Container container, long first, long count)
    {
        for (long unit = first; unit < first + count; unit++)
        {
            container.View.Read<long>(unit * Stride);
        }
    }

    /// <summary>Writes into pages a stride apart what says which they are.</summary>
    protected static void Write(Container container, long first, long count, long value)
    {
        for (long unit = first; unit < first + count; unit++)
        {
            container.View.Write(unit * Stride, value + unit);
        }
    }

    protected static void AssertHolds(Container container, long first, long count, long value)
    {
        for (long unit = first; unit < first + count; unit++)
        {
            long seen = container.View.Read<long>(unit * Stride);
            Assert.That(seen, Is.EqualTo(value + unit), $"'{container.Name}', {unit}");
        }
    }
}

using Runtime.Core.Memory;
using Runtime.Core.Snapshots;

namespace Runtime.Core.Managers;

/// <summary>
/// The arguments of one <c>container_snapshot</c>: which interval closes, and which pages memory holds of it.
/// </summary>
/// <remarks>Lives as long as the upcall, during which nobody writes the container.</remarks>
public readonly ref struct SnapshotCut
{
    private readonly ContainerMemory _memory;
    private readonly PreservedPages _pages;

    internal SnapshotCut(ContainerMemory memory, SnapshotInfo info, PreservedPages pages)
    {
        _memory = memory;
        _pages = pages;
        Info = info;
    }

    /// <summary>The manager's own name for the container.</summary>
    public Token Container => _memory.Token;

    /// <summary>What the history will say of it.</summary>
    public SnapshotInfo Info { get; }

    /// <summary>The interval that the cut closes, and the name of the snapshot.</summary>
    public StateInterval Interval => Info.Interval;

    /// <summary>The pages written in the interval that the kernel still holds, in memory or not, ascending.</summary>
    /// <remarks>Those that were evicted before the cut the manager holds already.</remarks>
    public IReadOnlyList<PageNumber> Pages => _pages.Pages;

    /// <summary>Reads what is not saved yet, for as long as it is not.</summary>
    public VolatileSnapshot Volatile => new(_memory, _pages);

    /// <summary>
    /// A page's content at the cut; only for <see cref="Pages"/>, during the upcall, until the next call.
    /// </summary>
    /// <exception cref="VolumeException">It had to leave memory, and cannot be read back.</exception>
    public ReadOnlySpan<byte> Read(PageNumber page) => _memory.ReadHeld(_pages, (long)page.Value);
}

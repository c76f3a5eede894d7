using Runtime.Core.Memory;

namespace Runtime.Core.Managers;

/// <summary>
/// The arguments of one <c>container_snapshot</c>: which pages the closing interval wrote, and their content.
/// </summary>
/// <remarks>Lives as long as the upcall, during which nobody writes the container.</remarks>
public readonly ref struct SnapshotCut
{
    private readonly ContainerMemory _memory;

    internal SnapshotCut(
        ContainerMemory memory, StateInterval interval, DateTimeOffset time, IReadOnlyList<PageNumber> pages)
    {
        _memory = memory;
        Interval = interval;
        Time = time;
        Pages = pages;
    }

    /// <summary>The manager's own name for the container.</summary>
    public Token Container => _memory.Token;

    /// <summary>The interval that the cut closes, and the name of the snapshot.</summary>
    public StateInterval Interval { get; }

    /// <summary>The container's length in bytes at the cut.</summary>
    public long Length => _memory.Length;

    /// <summary>When the cut was made.</summary>
    public DateTimeOffset Time { get; }

    /// <summary>The pages written in the interval, ascending.</summary>
    public IReadOnlyList<PageNumber> Pages { get; }

    /// <summary>A page's content at the cut, in the kernel view; only for <see cref="Pages"/>.</summary>
    public ReadOnlySpan<byte> Read(PageNumber page) => _memory.KernelView((long)page.Value);
}

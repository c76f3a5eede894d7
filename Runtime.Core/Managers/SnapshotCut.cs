namespace Runtime.Core.Managers;

/// <summary>The arguments of one <c>container_snapshot</c>: which pages the closing interval wrote, and their content.</summary>
/// <remarks>Lives as long as the upcall, during which nobody writes the container.</remarks>
public readonly ref struct SnapshotCut
{
    /// <summary>The manager's own name for the container.</summary>
    public Token Container => throw new NotImplementedException();

    /// <summary>The interval that the cut closes, and the name of the snapshot.</summary>
    public StateInterval Interval => throw new NotImplementedException();

    /// <summary>The container's length in bytes at the cut.</summary>
    public long Length => throw new NotImplementedException();

    /// <summary>When the cut was made.</summary>
    public DateTimeOffset Time => throw new NotImplementedException();

    /// <summary>The pages written in the interval, ascending.</summary>
    public IReadOnlyList<PageNumber> Pages => throw new NotImplementedException();

    /// <summary>A page's content at the cut, in the kernel view.</summary>
    public ReadOnlySpan<byte> Read(PageNumber page) => throw new NotImplementedException();
}

using System.Buffers;

namespace Runtime.Core.Memory;

/// <summary>The pages that a task fills, as <see cref="Memory{T}"/>.</summary>
internal sealed unsafe class RequestMemory(ContainerMemory memory, long first) : MemoryManager<byte>
{
    private bool _hasEnded;

    internal int Count { get; set; } = 1;

    /// <summary>Nobody gets at the pages by it any more.</summary>
    /// <returns>How many there were.</returns>
    internal int End()
    {
        _hasEnded = true;
        return Count;
    }

    public override Span<byte> GetSpan()
    {
        ObjectDisposedException.ThrowIf(_hasEnded, typeof(Managers.PageRequest));
        return new Span<byte>(memory.Section.PageAddress(first), Count * PageNumber.Size);
    }

    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ObjectDisposedException.ThrowIf(_hasEnded, typeof(Managers.PageRequest));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)(Count * PageNumber.Size));
        return new MemoryHandle(memory.Section.PageAddress(first) + elementIndex);
    }

    public override void Unpin()
    {
        // Native memory stays where it is.
    }

    protected override void Dispose(bool disposing) => _hasEnded = true;
}

using System.Buffers;

namespace Runtime.Core.Containers;

/// <summary>A pinned range of a container; dispose it soon: a write lease delays every cut.</summary>
public sealed class Lease : MemoryManager<byte>
{
    /// <summary>What the lease allows.</summary>
    public Access Access => throw new NotImplementedException();

    /// <summary>The range; writing through a read lease is undefined.</summary>
    public Span<byte> Span => throw new NotImplementedException();

    /// <inheritdoc/>
    public override Span<byte> GetSpan() => throw new NotImplementedException();

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0) => throw new NotImplementedException();

    /// <inheritdoc/>
    public override void Unpin() => throw new NotImplementedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => throw new NotImplementedException();
}

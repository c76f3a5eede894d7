using System.Buffers;
using Runtime.Core.Memory;

namespace Runtime.Core.Containers;

/// <summary>A pinned range of a container; dispose it soon: a write lease delays every cut.</summary>
/// <remarks>
/// Disposed by any thread, once; its span must not be used afterwards. A lease that is forgotten stays out: a finalizer
/// could not know whether its span is still in use.
/// </remarks>
public sealed unsafe class Lease : MemoryManager<byte>
{
    private readonly ContainerMemory _memory;
    private readonly LeaseHolder? _holder;
    private readonly LeaseParts _parts;
    private readonly PanedWindow _window;                           // open for as long as somebody has the lease
    private readonly long _offset;
    private readonly int _length;
    private int _isDisposed;

    internal Lease(
        ContainerMemory memory,
        LeaseParts parts,
        PanedWindow window,
        long offset,
        int length,
        Access access,
        LeaseHolder? holder)
    {
        _memory = memory;
        _parts = parts;
        _holder = holder;
        _window = window;
        _offset = offset;
        _length = length;
        Access = access;
    }

    /// <summary>What the lease allows.</summary>
    public Access Access { get; }

    /// <summary>The range. Writing through a read lease is a fault like any other write.</summary>
    /// <exception cref="ObjectDisposedException">The lease was disposed.</exception>
    public Span<byte> Span
    {
        get
        {
            ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
            return new Span<byte>(Start, _length);
        }
    }

    private byte* Start => _window.Window.Address + _offset;

    /// <summary>Lets go of the range; again is nothing.</summary>
    public void Dispose() => ((IDisposable)this).Dispose();

    /// <inheritdoc/>
    public override Span<byte> GetSpan() => Span;

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(elementIndex);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(elementIndex, _length);
        ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
        return new MemoryHandle(Start + elementIndex, pinnable: this);
    }

    /// <inheritdoc/>
    public override void Unpin()
    {
        // Pinned for as long as the lease lives.
    }

    internal static long PagesOf(long offset, long length) =>
        (offset + length - 1) / PageNumber.Size - offset / PageNumber.Size + 1;

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        if (Access == Access.Write)
        {
            _holder?.Remove();
        }

        _parts.Release(Access);
        _parts.Leave();
        _memory.Leases.Leave();
    }
}

using Runtime.Core.Memory;

namespace Runtime.Core.Containers;

/// <summary>Pages of a container that stay in memory until it is disposed.</summary>
/// <remarks>Thread safe. One that is forgotten stays, like a lease.</remarks>
public sealed class PagePin : IDisposable
{
    private readonly ContainerMemory _memory;
    private readonly LeaseParts _parts;
    private int _isDisposed;

    internal PagePin(ContainerMemory memory, LeaseParts parts, long length)
    {
        _memory = memory;
        _parts = parts;
        Length = length;
    }

    /// <summary>Bytes.</summary>
    public long Length { get; }

    /// <summary>Lets the pages go; again is nothing.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
        {
            return;
        }

        _parts.Release(Access.Read);
        _parts.Leave();
        _memory.Leases.Leave();
    }
}

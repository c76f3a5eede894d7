using Runtime.Core.Memory;

namespace Runtime.Core.Containers;

/// <content>The ranges of other containers that are shown in it.</content>
public sealed partial class Container
{
    /// <summary>The mappings that all its windows show, by their offsets.</summary>
    public IReadOnlyList<ContainerMapping> Mappings => _memory.Mappings;

    /// <summary>
    /// Shows a range of another container in this one: accesses there are accesses of the source, served by its
    /// manager, and cut with it. The container's own bytes there are kept, and hidden until <see cref="Unmap"/>.
    /// Mappings may lie in each other, are not part of snapshots, and end with the host.
    /// </summary>
    /// <param name="offset">Where it begins here; a multiple of 64 KiB.</param>
    /// <param name="source">A container of the same kernel.</param>
    /// <param name="sourceOffset">Where it begins there; a multiple of 64 KiB.</param>
    /// <param name="length">
    /// Bytes; a multiple of 64 KiB. A range may reach to the end of either container, rounded up to 64 KiB.
    /// </param>
    /// <param name="access">What is allowed through the mapping, whatever the source allows elsewhere.</param>
    /// <exception cref="KernelException">
    /// <see cref="Status.PermissionDenied"/> if this container is read-only, or a writable mapping of a read-only one
    /// is asked for; <see cref="Status.NotAligned"/>; <see cref="Status.OutOfRange"/>; <see cref="Status.Overlap"/>
    /// with another mapping here; <see cref="Status.Cycle"/> if the source shows this container, at any depth;
    /// <see cref="Status.Busy"/> when the caller holds a write lease; <see cref="Status.LeasesOutstanding"/> when
    /// leases outlast the limit, of this container or of one that shows it; <see cref="Status.NoResources"/>. Nothing
    /// has changed then.
    /// </exception>
    /// <exception cref="ObjectDisposedException">One of the containers was closed.</exception>
    public void Map(long offset, Container source, long sourceOffset, long length, Access access) =>
        MapIn(only: null, offset, source, sourceOffset, length, access);

    /// <summary>Ends the mappings that lie in a range; the container's own bytes are seen again.</summary>
    /// <param name="offset">A multiple of 64 KiB.</param>
    /// <param name="length">Bytes; a multiple of 64 KiB.</param>
    /// <exception cref="KernelException">
    /// <see cref="Status.PermissionDenied"/> if this container is read-only; <see cref="Status.NotAligned"/>;
    /// <see cref="Status.OutOfRange"/> if there is none; <see cref="Status.Overlap"/> if one lies only partly in the
    /// range; <see cref="Status.Busy"/>, <see cref="Status.LeasesOutstanding"/> and <see cref="Status.NoResources"/> as
    /// of <see cref="Map"/>. Nothing has changed then.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The container was closed.</exception>
    public void Unmap(long offset, long length) => UnmapIn(only: null, offset, length);

    internal void MapIn(
        PanedWindow? only, long offset, Container source, long sourceOffset, long length, Access access)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentOutOfRangeException.ThrowIfNegative(sourceOffset);
        if (access is not (Access.Read or Access.Write))
        {
            throw new ArgumentOutOfRangeException(nameof(access), access, "a mapping is for reading or writing");
        }

        if (source._kernel != _kernel)
        {
            throw new ArgumentException($"container '{source.Name}' belongs to another kernel", nameof(source));
        }

        lock (_lock)
        {
            ThrowUnlessWritableUnsynchronized();
            ThrowIfClosed(only);
            if (access == Access.Write && source.IsReadOnly)
            {
                throw new KernelException(
                    Status.PermissionDenied, $"container '{source.Name}' is read-only");
            }

            ThrowUnlessAligned(offset, length);
            source.ThrowUnlessAligned(sourceOffset, length);
            ThrowUnlessWithin(offset, length);
            source.ThrowUnlessWithin(sourceOffset, length);
            _memory.Graph.Add(
                _memory,
                only,
                new ContainerMapping(offset, source, sourceOffset, length, access),
                _kernel.Options.LeaseLimit);
        }
    }

    internal void UnmapIn(PanedWindow? only, long offset, long length)
    {
        lock (_lock)
        {
            ThrowUnlessWritableUnsynchronized();
            ThrowIfClosed(only);
            ThrowUnlessAligned(offset, length);
            _memory.Graph.Remove(_memory, only, offset, length, _kernel.Options.LeaseLimit);
        }
    }

    private static long RoundUp(long length) =>
        (length + ContainerMapping.Granularity - 1) / ContainerMapping.Granularity * ContainerMapping.Granularity;

    private void ThrowIfClosed(PanedWindow? window)
    {
        if (window is { Window.IsClosed: true })
        {
            throw new ObjectDisposedException(
                nameof(ContainerWindow), $"the window onto container '{Name}' was closed");
        }
    }

    private void ThrowUnlessAligned(long offset, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        if (offset % ContainerMapping.Granularity != 0 || length % ContainerMapping.Granularity != 0)
        {
            throw new KernelException(
                Status.NotAligned,
                $"{length} bytes at offset {offset} of container '{Name}': mappings begin and end at multiples of "
                    + $"{ContainerMapping.Granularity} bytes");
        }
    }

    private void ThrowUnlessWithin(long offset, long length)
    {
        if (offset > RoundUp(Length) - length)
        {
            throw new KernelException(
                Status.OutOfRange,
                $"container '{Name}' has {Length} bytes, and no {length} at offset {offset}");
        }
    }

    /// <summary>What is shown in a container, or through a window of it, would otherwise hang beyond its end.</summary>
    private void ThrowIfMappedBeyond(long length)
    {
        if (_memory.EndOfMappings > RoundUp(length))
        {
            throw new KernelException(
                Status.Overlap,
                $"container '{Name}' cannot have {length} bytes: another is mapped in it beyond; unmap that first");
        }
    }
}

using Runtime.Core.Memory;

namespace Runtime.Core.Managers;

/// <summary>The pages of a snapshot that is not saved yet, so that it can be read at once.</summary>
/// <remarks>Thread safe.</remarks>
public sealed class VolatileSnapshot
{
    private readonly ContainerMemory _memory;
    private readonly PreservedPages _pages;

    internal VolatileSnapshot(ContainerMemory memory, PreservedPages pages)
    {
        _memory = memory;
        _pages = pages;
    }

    /// <summary>Reads a page as it was at the cut.</summary>
    /// <returns>
    /// False if the kernel does not hold it: the manager has saved it, or the interval did not write it. Ask here
    /// first: a page is let go only after it was saved.
    /// </returns>
    /// <exception cref="KernelException">
    /// <see cref="Status.NoSuchInterval"/> if the snapshot could not be saved: its pages are another interval's now.
    /// </exception>
    public bool TryRead(PageNumber page, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(destination.Length, PageNumber.Size);
        return _memory.TryReadPreserved(_pages, (long)page.Value, destination);
    }
}

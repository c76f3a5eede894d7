using Runtime.Core.Storage;

namespace Runtime.Core.Memory;

/// <summary>The pages that a kernel has put aside on its home volume, if that takes any, and how many.</summary>
/// <remarks>
/// Thread safe. One thread at a time writes, and none waits for it: the medium may hang. It is the pager of last
/// resort, the default pager of Mach (R. Rashid et al., "Machine-Independent Virtual Memory Management for Paged
/// Uniprocessor and Multiprocessor Architectures", 1987).
/// </remarks>
internal sealed class SpillArea(ISpill? spill)
{
    private int _isWriting;
    private bool _hasFailed;                                        // whoever writes has it
    private long _pages;
    private long _total;

    /// <summary>How many pages are there now.</summary>
    internal long Pages => Interlocked.Read(ref _pages);

    /// <summary>How many were ever written.</summary>
    internal long Total => Interlocked.Read(ref _total);

    /// <summary>Whether somebody puts pages aside just now.</summary>
    internal bool IsWriting => Volatile.Read(ref _isWriting) != 0;

    /// <summary>The right to write, until <see cref="EndWriting"/>.</summary>
    internal bool TryBeginWriting()
    {
        if (spill is null || Interlocked.CompareExchange(ref _isWriting, 1, 0) != 0)
        {
            return false;
        }

        _hasFailed = false;
        return true;
    }

    internal void EndWriting() => Volatile.Write(ref _isWriting, 0);

    /// <summary>Puts a page aside; only between <see cref="TryBeginWriting"/> and its end.</summary>
    /// <returns>False if there is no room, or the medium fails; then nothing more is tried until the end.</returns>
    internal bool TryWrite(ReadOnlySpan<byte> page, out uint slot)
    {
        slot = 0;
        if (_hasFailed)
        {
            return false;
        }

        try
        {
            slot = spill!.Write(page);
        }
        catch (VolumeException)
        {
            _hasFailed = true;
            return false;
        }

        Interlocked.Increment(ref _pages);
        Interlocked.Increment(ref _total);
        return true;
    }

    /// <exception cref="VolumeException">The medium fails.</exception>
    internal void Read(uint slot, Span<byte> destination) => spill!.Read(slot, destination);

    internal void Free(uint slot)
    {
        spill!.Free(slot);
        Interlocked.Decrement(ref _pages);
    }
}

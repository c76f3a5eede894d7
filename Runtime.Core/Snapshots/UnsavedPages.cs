using Runtime.Core.Faults;

namespace Runtime.Core.Snapshots;

/// <summary>Holds the pages of a snapshot for its saver, some at a time.</summary>
/// <remarks>Not thread safe; the saver has it.</remarks>
internal sealed unsafe class UnsavedPages(PendingSnapshot snapshot, FaultContext context) : IDisposable
{
    private const int Most = 256;

    private readonly long[] _pages = new long[Most];
    private readonly nint[] _memory = new nint[Most];
    private readonly nint[] _buffers = new nint[Most];              // of those that were not in memory
    private int _next;

    internal PendingSnapshot Snapshot => snapshot;

    internal int Count { get; private set; }

    internal bool TryNext(int most)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        Release(isSaved: false);
        IReadOnlyList<PageNumber> all = snapshot.Pages.Pages;
        while (Count < Math.Min(most, Most) && _next < all.Count)
        {
            long page = (long)all[_next].Value;
            byte* buffer = null;
            if (snapshot.Memory.IsSpilled(page))
            {
                buffer = snapshot.Pages.Buffers.TryRent();
                if (buffer is null && Count > 0)
                {
                    break;                                          // when these are saved there is memory again
                }

                buffer = buffer is null ? snapshot.Pages.Buffers.RentOverdrawn() : buffer;
            }

            _next++;
            Hold(page, buffer);
        }

        return Count > 0;
    }

    internal PageNumber Page(int index) => new((ulong)_pages[Check(index)]);

    internal ReadOnlySpan<byte> Memory(int index) => new((void*)_memory[Check(index)], PageNumber.Size);

    internal void MarkSaved() => Release(isSaved: true);

    public void Dispose() => Release(isSaved: false);

    private void Hold(long page, byte* buffer)
    {
        byte* memory = null;
        try
        {
            memory = snapshot.Memory.HoldPreserved(snapshot.Pages, context, page, buffer);
        }
        finally
        {
            if (buffer is not null && memory != buffer)
            {
                snapshot.Pages.Buffers.Return(buffer);
                buffer = null;
            }
        }

        if (memory is not null)
        {
            _buffers[Count] = (nint)buffer;
            _memory[Count] = (nint)memory;
            _pages[Count++] = page;
        }
    }

    private void Release(bool isSaved)
    {
        for (int i = 0; i < Count; i++)
        {
            snapshot.Memory.ReleasePreserved(snapshot.Pages, _pages[i], isSaved);
            if (_buffers[i] != 0)
            {
                snapshot.Pages.Buffers.Return((byte*)_buffers[i]);
            }
        }

        Count = 0;
    }

    private int Check(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
        return index;
    }
}

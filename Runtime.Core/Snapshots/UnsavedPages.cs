using Runtime.Core.Faults;

namespace Runtime.Core.Snapshots;

/// <summary>Holds the pages of a snapshot for its saver, some at a time.</summary>
/// <remarks>Not thread safe; the saver has it.</remarks>
internal sealed unsafe class UnsavedPages(PendingSnapshot snapshot, FaultContext context) : IDisposable
{
    private const int Most = 256;

    private readonly long[] _pages = new long[Most];
    private readonly nint[] _memory = new nint[Most];
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
            long page = (long)all[_next++].Value;
            byte* memory = snapshot.Memory.HoldPreserved(snapshot.Pages, context, page);
            if (memory is not null)
            {
                _memory[Count] = (nint)memory;
                _pages[Count++] = page;
            }
        }

        return Count > 0;
    }

    internal PageNumber Page(int index) => new((ulong)_pages[Check(index)]);

    internal ReadOnlySpan<byte> Memory(int index) => new((void*)_memory[Check(index)], PageNumber.Size);

    internal void MarkSaved() => Release(isSaved: true);

    public void Dispose() => Release(isSaved: false);

    private void Release(bool isSaved)
    {
        for (int i = 0; i < Count; i++)
        {
            snapshot.Memory.ReleasePreserved(snapshot.Pages, _pages[i], isSaved);
        }

        Count = 0;
    }

    private int Check(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Count, nameof(index));
        return index;
    }
}

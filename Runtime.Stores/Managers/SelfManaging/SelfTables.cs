using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Snapshots;
using Runtime.Core.Storage;

namespace Runtime.Stores.Managers.SelfManaging;

/// <summary>
/// The tables as they lie in the manager's own container: the root page, a directory of containers, the bitmap of the
/// disk, and for each container a row of entries, one a page. It is sparse: what was never written is not there.
/// </summary>
/// <remarks>Entries are read by anybody; changed under the manager's lock.</remarks>
internal sealed class SelfTables(ContainerView view)
{
    internal const int SlotCount = 256;
    internal const long MaximumLength = 64L << 30;
    internal const uint BlockLimit = 1 << 28;                       // of 4 KiB: 1 TiB
    internal const long Length = EntriesAt + SlotCount * RowSize;

    private const long DirectoryAt = 64 << 10;
    private const int SlotSize = 64;
    private const int LengthAt = 8;
    private const int NewestAt = 16;
    private const int TimeAt = 24;
    private const int WrittenAt = 32;
    private const long Bitmap = 1 << 20;
    private const long EntriesAt = 64 << 20;
    private const long RowSize = MaximumLength / PageNumber.Size * sizeof(ulong);

    private readonly Dictionary<ulong, int> _slots = FindSlots(view); // by container; guarded by itself

    /// <summary>The word of the bitmap in which a block's bit is.</summary>
    internal static long BitmapAt(uint block) => Bitmap + block / 64 * sizeof(ulong);

    internal ulong this[int slot, long page]
    {
        get => view.Read<ulong>(EntryAt(slot, page));
        set => view.Write(EntryAt(slot, page), value);
    }

    /// <summary>The container's slot; a new one has read as zeroes so far.</summary>
    /// <exception cref="KernelException"><see cref="Status.NoResources"/>.</exception>
    internal int FindOrAdd(ContainerRecord container)
    {
        lock (_slots)
        {
            if (_slots.TryGetValue(container.Id, out int slot))
            {
                return slot;
            }

            for (slot = 0; slot < SlotCount; slot++)
            {
                if (view.Read<ulong>(SlotAt(slot)) == 0)
                {
                    view.Write(SlotAt(slot), container.Id);
                    view.Write(SlotAt(slot) + LengthAt, container.Length);
                    _slots.Add(container.Id, slot);
                    return slot;
                }
            }

            throw new KernelException(
                Status.NoResources,
                $"container '{container.Name}': its manager has {SlotCount} already, and cannot have more");
        }
    }

    internal SnapshotInfo? InfoOf(int slot)
    {
        ulong newest = view.Read<ulong>(SlotAt(slot) + NewestAt);
        return newest == 0
            ? null
            : new SnapshotInfo(
                new StateInterval(newest),
                new DateTimeOffset(view.Read<long>(SlotAt(slot) + TimeAt), TimeSpan.Zero),
                view.Read<long>(SlotAt(slot) + LengthAt),
                view.Read<long>(SlotAt(slot) + WrittenAt));
    }

    internal void SetInfo(int slot, SnapshotInfo? info)
    {
        view.Write(SlotAt(slot) + NewestAt, info?.Interval.Value ?? 0);
        view.Write(SlotAt(slot) + TimeAt, info?.Time.UtcTicks ?? 0);
        view.Write(SlotAt(slot) + WrittenAt, info?.PagesChanged ?? 0);
        if (info is not null)
        {
            view.Write(SlotAt(slot) + LengthAt, info.Length);
        }
    }

    internal IReadOnlyList<SnapshotInfo> HistoryOf(ulong container)
    {
        int slot;
        lock (_slots)
        {
            if (!_slots.TryGetValue(container, out slot))
            {
                return [];
            }
        }

        return InfoOf(slot) is { } info ? [info] : [];
    }

    /// <summary>A container is gone, and its blocks with the next commit.</summary>
    internal void Free(int slot, DiskSpace space)
    {
        long pages = PageNumber.CountFor(view.Read<long>(SlotAt(slot) + LengthAt));
        for (long page = 0; page < pages; page++)
        {
            if (this[slot, page] is not 0 and ulong entry)
            {
                this[slot, page] = 0;
                space.Note(entry, isUsed: false);
                space.FreeLater(entry);
            }
        }

        lock (_slots)
        {
            _slots.Remove(view.Read<ulong>(SlotAt(slot)));
            SetInfo(slot, info: null);
            view.Write(SlotAt(slot), 0UL);
        }
    }

    /// <summary>Frees what belongs to containers that were deleted while nobody looked.</summary>
    internal void FreeAllBut(HashSet<ulong> containers, DiskSpace space)
    {
        foreach ((_, int slot) in _slots.Where(known => !containers.Contains(known.Key)).ToArray())
        {
            Free(slot, space);
        }
    }

    private static long SlotAt(int slot) => DirectoryAt + slot * SlotSize;

    private static long EntryAt(int slot, long page) => EntriesAt + slot * RowSize + page * sizeof(ulong);

    private static Dictionary<ulong, int> FindSlots(ContainerView view)
    {
        var slots = new Dictionary<ulong, int>();
        for (int slot = 0; slot < SlotCount; slot++)
        {
            if (view.Read<ulong>(SlotAt(slot)) is not 0 and ulong container)
            {
                slots.Add(container, slot);
            }
        }

        return slots;
    }
}

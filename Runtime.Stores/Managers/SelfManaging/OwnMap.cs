using System.Runtime.InteropServices;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Disks;

namespace Runtime.Stores.Managers.SelfManaging;

/// <summary>
/// Where the pages of the tables themselves are: in ordinary memory, because the tables cannot be asked for it, and on
/// the disk as a tree of three levels, of which the root page is the uppermost.
/// </summary>
/// <remarks>
/// Nodes are written to free blocks, never in place. One at a time changes it; whoever finds a page takes no lock,
/// since whoever changes it may have to wait for just that fault.
/// </remarks>
internal sealed class OwnMap
{
    private const ulong Magic = 0x464C_4553_4459_544B;              // "KTYDSELF"
    private const uint FormatVersion = 1;
    private const int Fanout = PageNumber.Size / sizeof(ulong);
    private const int Leaves = (int)(SelfTables.Length / PageNumber.Size / Fanout) + 1;
    private const int RootEntries = Leaves / Fanout + 1;
    private const int VersionAt = 8;
    private const int EntriesAt = 32;

    private readonly ulong[] _root = new ulong[RootEntries];
    private readonly ulong[]?[] _directories = new ulong[RootEntries][];
    private readonly ulong[]?[] _leaves = new ulong[Leaves][];
    private readonly SortedSet<int> _changed = [];                  // leaves

    /// <summary>Reads all of it, from the root page on.</summary>
    /// <exception cref="VolumeException">The disk fails, or is not the one that the root page is of.</exception>
    internal void Load(ContainerView view, IDisk disk, DiskSpace space)
    {
        ulong magic = view.Read<ulong>(0);
        uint version = view.Read<uint>(VersionAt);
        if (magic == 0)
        {
            view.Write(0, Magic);
            view.Write(VersionAt, FormatVersion);
            return;
        }

        if (magic != Magic || version != FormatVersion)
        {
            throw new VolumeException(
                Status.NotSupported, $"the root page is of format {magic:X}, version {version}, which is not known");
        }

        for (int i = 0; i < RootEntries; i++)
        {
            _root[i] = view.Read<ulong>(EntriesAt + i * sizeof(ulong));
            _directories[i] = Load(disk, space, _root[i]);
        }

        for (int i = 0; i < Leaves; i++)
        {
            _leaves[i] = Load(disk, space, _directories[i / Fanout]?[i % Fanout] ?? 0);
            foreach (ulong entry in _leaves[i] ?? [])
            {
                space.Hold(entry);
            }
        }
    }

    internal ulong Find(long page) =>
        Volatile.Read(ref _leaves[page / Fanout]) is { } leaf ? Volatile.Read(ref leaf[page % Fanout]) : 0;

    internal void Set(long page, ulong entry, DiskSpace space)
    {
        int index = (int)(page / Fanout);
        ref ulong place = ref NodeOf(_leaves, index)[page % Fanout];
        space.FreeLater(place);
        Volatile.Write(ref place, entry);
        _changed.Add(index);
    }

    /// <summary>Writes what has changed, from the leaves up to below the root page.</summary>
    internal void Write(IDisk disk, DiskSpace space)
    {
        var writer = new BlockWriter(disk, most: 16);
        foreach (int index in _changed)
        {
            Write(writer, space, _leaves[index]!, ref NodeOf(_directories, index / Fanout)[index % Fanout]);
        }

        foreach (int index in _changed.Select(leaf => leaf / Fanout).Distinct())
        {
            Write(writer, space, _directories[index]!, ref _root[index]);
        }

        writer.Flush();
        _changed.Clear();                                           // if the commit fails, the next one names them
    }

    internal void WriteRoot(ContainerView view)
    {
        for (int i = 0; i < RootEntries; i++)
        {
            view.Write(EntriesAt + i * sizeof(ulong), _root[i]);
        }
    }

    private static ulong[] NodeOf(ulong[]?[] nodes, int index)
    {
        if (nodes[index] is null)
        {
            Volatile.Write(ref nodes[index], new ulong[Fanout]);
        }

        return nodes[index]!;
    }

    private static void Write(BlockWriter writer, DiskSpace space, ulong[] node, ref ulong entry)
    {
        space.FreeLater(entry);
        entry = writer.Add(space.AllocateForTables(), MemoryMarshal.AsBytes<ulong>(node));
    }

    private static ulong[]? Load(IDisk disk, DiskSpace space, ulong entry)
    {
        if (entry == 0)
        {
            return null;
        }

        var node = new ulong[Fanout];
        BlockEntry.Read(disk, entry, MemoryMarshal.AsBytes(node.AsSpan()));
        space.Hold(entry);
        return node;
    }
}

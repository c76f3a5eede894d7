using Runtime.Core;

namespace Runtime.Stores.Volumes;

/// <content>How a version stands to those beside it.</content>
internal sealed partial class VerifyWalk
{
    private readonly Dictionary<ulong, ContainerEntry?> _containers = [];
    private long _listBlock;

    /// <summary>Checks that relatives name each other, and that the dead list is what the maps say.</summary>
    private void CheckRelatives(VersionRecord version)
    {
        // Until the parent is known nothing can be said about blocks that are led to twice.
        _sharedBirth = long.MaxValue;
        _listBlock = Container!.Versions.Pointer.Block;
        try
        {
            VersionRecord? parent = version.Parent.IsNone ? null : Relative(version, version.Parent);
            if (parent?.Birth >= version.Birth)
            {
                throw Wrong(version, "is not younger than the version that it follows");
            }

            CheckDeadList(version, parent);
            CheckSiblings(version, parent);
            if (version.IsHidden
                && (version.FirstChild.IsNone || Relative(version, version.FirstChild).NextSibling.IsNone))
            {
                throw Wrong(version, "is hidden and no two lines leave it");
            }

            _sharedBirth = parent?.Birth ?? 0;
        }
        catch (VolumeException e)
        {
            Damaged(_listBlock, page: null, e);
        }
    }

    private void CheckDeadList(VersionRecord version, VersionRecord? parent)
    {
        BlockSet? expected = parent is null ? [] : WhatIsDead(parent, version);
        long count = 0;
        foreach (DeadEntry entry in DeadListReader.Read(_reader, version.Dead, ListBlock))
        {
            count++;
            if (expected?.Remove(entry.Block) == false)
            {
                throw Wrong(version, $"names block {entry.Block} as dead, which is not or was named before");
            }
        }

        _dead += count;
        _listBlock = Container!.Versions.Pointer.Block;
        if (expected?.Count > 0)
        {
            throw Wrong(version, $"leaves out {expected.Count} blocks that are dead, the first {expected.First()}");
        }
    }

    /// <returns>Null if a map is damaged, which the walk reports when it comes there.</returns>
    private BlockSet? WhatIsDead(VersionRecord parent, VersionRecord version)
    {
        try
        {
            return MapDifference.Of(_reader, parent.Map, version.Map);
        }
        catch (VolumeException)
        {
            return null;
        }
    }

    private void ListBlock(BlockPointer pointer)
    {
        _listBlock = pointer.Block;
        if (!Seen.Add(pointer.Block))
        {
            throw Damage.At(pointer.Block, "it is used twice");
        }

        Passed();
    }

    private void CheckSiblings(VersionRecord version, VersionRecord? parent)
    {
        VersionId before = version.PreviousSibling.IsNone
            ? parent?.FirstChild ?? version.Id
            : Relative(version, version.PreviousSibling).NextSibling;
        VersionId after = version.NextSibling.IsNone
            ? version.Id
            : Relative(version, version.NextSibling).PreviousSibling;
        if (before != version.Id || after != version.Id)
        {
            throw Wrong(version, "is not named by the versions beside it");
        }

        if (!version.FirstChild.IsNone && Relative(version, version.FirstChild).Parent != version.Id)
        {
            throw Wrong(version, "names a version as its child that is not");
        }
    }

    private VersionRecord Relative(VersionRecord version, VersionId id)
    {
        if (!_containers.TryGetValue(id.Container, out ContainerEntry? container))
        {
            _reader.Check(_superblock.Catalogue.Pointer, _superblock.Holder);
            BlockPointer pointer = _reader.Find(_superblock.Catalogue, id.Container);
            container = pointer.IsHole ? null : ContainerEntry.Decode(_reader.ReadCached(pointer).Bytes);
            _containers.Add(id.Container, container);
        }

        VersionRecord? found = container is null ? null : VersionTable.Find(_reader, container, id.Interval);
        return found ?? throw Wrong(version, $"leads to {id}, which is not there");
    }

    private static VolumeException Wrong(VersionRecord version, string what) =>
        new(Status.IoError, $"the volume is damaged: {version.Id} {what}");
}

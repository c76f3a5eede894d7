using Runtime.Core;

namespace Runtime.Stores.Volumes;

/// <summary>The versions of one container on the disk: a version's place follows from its interval.</summary>
internal static class VersionTable
{
    /// <summary>A container has room for no interval beyond it.</summary>
    public static ulong MaxInterval { get; } =
        (TreeRoot.Capacity(Format.Tree.MaxHeight) * Format.ContainerVersion.PerBlock) - 1;

    public static (ulong Index, int Offset) Place(ulong interval) => (
        interval / Format.ContainerVersion.PerBlock,
        (int)(interval % Format.ContainerVersion.PerBlock) * Format.ContainerVersion.Size);

    /// <summary>The version of an interval, hidden or not; null if there is none.</summary>
    public static VersionRecord? Find(BlockReader reader, ContainerEntry container, ulong interval)
    {
        (ulong index, int offset) = Place(interval);
        reader.Check(container.Versions.Pointer, holder: BlockReader.Record);
        BlockPointer pointer = reader.Find(container.Versions, index);
        return pointer.IsHole ? null : At(reader.ReadCached(pointer), container.Id, index, offset);
    }

    /// <summary>Every version, hidden ones included, oldest first.</summary>
    public static List<VersionRecord> All(BlockReader reader, ContainerEntry container)
    {
        var walk = new Walk(reader);
        walk.Versions(container, BlockReader.Record);
        return walk.Found.Count == container.VersionCount
            ? walk.Found
            : throw Damage.At(
                container.Versions.Pointer.Block,
                $"{walk.Found.Count} of {container.VersionCount} versions of '{container.Name}' are below it");
    }

    private static VersionRecord? At(CachedBlock block, ulong container, ulong index, int offset)
    {
        ReadOnlySpan<byte> bytes = block.Bytes.Slice(offset, Format.ContainerVersion.Size);
        if (!VersionRecord.IsAny(bytes))
        {
            return null;
        }

        int place = offset / Format.ContainerVersion.Size;
        var id = new VersionId(container, (index * Format.ContainerVersion.PerBlock) + (ulong)place);
        return VersionRecord.Decode(bytes, id)
            ?? throw Damage.At(block.Pointer.Block, $"version {place} in it cannot be");
    }

    private sealed class Walk(BlockReader reader) : BlockWalk(reader)
    {
        public List<VersionRecord> Found { get; } = [];

        protected override bool Entered(VersionRecord version)
        {
            Found.Add(version);
            return false;
        }

        protected override void Damaged(long block, PageNumber? page, VolumeException damage) => throw damage;
    }
}

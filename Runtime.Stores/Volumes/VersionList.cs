using Runtime.Core;

namespace Runtime.Stores.Volumes;

/// <summary>The kept versions of one container, oldest first.</summary>
internal static class VersionList
{
    /// <summary>The container with one version more, whose record the transaction writes.</summary>
    public static ContainerEntry Append(
        BlockReader reader, Transaction transaction, ContainerEntry container, in VersionRecord version)
    {
        (ulong index, int place) = Position(container.VersionCount);
        var block = new byte[Format.BlockSize];
        if (place > 0)
        {
            Block(reader, container, index).Bytes.CopyTo(block);
        }

        version.Write(block.AsSpan(place * Format.ContainerVersion.Size));
        TreeUpdate update = transaction.Update(keepsOld: false);
        return container with
        {
            Length = version.Length,
            HighestInterval = version.Interval,
            VersionCount = container.VersionCount + 1,
            Versions = update.Set(container.Versions, index, transaction.Writer.Write(block)),
            Newest = version,
        };
    }

    /// <summary>The version of an interval, by bisection; null if it is not kept.</summary>
    public static VersionRecord? Find(BlockReader reader, ContainerEntry container, ulong interval)
    {
        if (container.VersionCount > 0 && interval == container.Newest.Interval)
        {
            return container.Newest;
        }

        long low = 0;
        long high = container.VersionCount - 1;
        while (low <= high)
        {
            long middle = low + ((high - low) / 2);
            VersionRecord version = At(reader, container, middle);
            if (version.Interval == interval)
            {
                return version;
            }

            (low, high) = version.Interval < interval ? (middle + 1, high) : (low, middle - 1);
        }

        return null;
    }

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

    private static VersionRecord At(BlockReader reader, ContainerEntry container, long ordinal)
    {
        (ulong index, int place) = Position(ordinal);
        CachedBlock block = Block(reader, container, index);
        ReadOnlySpan<byte> bytes = block.Bytes[(place * Format.ContainerVersion.Size)..];
        return VersionRecord.TryRead(bytes, out VersionRecord version)
            ? version
            : throw Damage.At(block.Pointer.Block, $"version {place} in it cannot be");
    }

    private static CachedBlock Block(BlockReader reader, ContainerEntry container, ulong index)
    {
        reader.Check(container.Versions.Pointer, holder: BlockReader.Record);
        BlockPointer pointer = reader.Find(container.Versions, index);
        return pointer.IsHole
            ? throw Damage.At(container.Versions.Pointer.Block, $"version block {index} is missing below it")
            : reader.ReadCached(pointer);
    }

    private static (ulong Index, int Place) Position(long ordinal) =>
        ((ulong)ordinal / Format.ContainerVersion.PerBlock, (int)(ordinal % Format.ContainerVersion.PerBlock));

    private sealed class Walk(BlockReader reader) : BlockWalk(reader)
    {
        public List<VersionRecord> Found { get; } = [];

        protected override bool Entered(in VersionRecord version)
        {
            if (Found.Count > 0 && version.Interval <= Found[^1].Interval)
            {
                throw new VolumeException(
                    Status.IoError,
                    $"the volume is damaged: version {version.Interval} of '{Container?.Name}' is out of order");
            }

            Found.Add(version);
            return false;
        }

        protected override void Damaged(long block, PageNumber? page, VolumeException damage) => throw damage;
    }
}

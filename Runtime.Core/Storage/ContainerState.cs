namespace Runtime.Core.Storage;

/// <summary>
/// What the kernel's log keeps of a container beside its pages: its permission groups, its table, its invocation point
/// and the loci that it hosts (docs/format.md, "kernel.log").
/// </summary>
/// <param name="Entry">The name of the code at its invocation point; null for none.</param>
/// <param name="Groups">Parents before children; the first is the master.</param>
/// <param name="Slots">Capabilities for containers; those for loci end with their process.</param>
/// <param name="Loci">Those in step style.</param>
internal sealed record ContainerState(
    string? Entry,
    IReadOnlyList<GroupState> Groups,
    IReadOnlyList<SlotState> Slots,
    IReadOnlyList<LocusRecord> Loci)
{
    private const ushort Version = 1;

    /// <exception cref="VolumeException">The bytes were not written by this version of the kernel.</exception>
    internal static ContainerState Decode(ReadOnlyMemory<byte> bytes)
    {
        var reader = new RecordReader(bytes);
        ushort version = reader.UInt16();
        if (version != Version)
        {
            throw RecordReader.Damage($"is of version {version}; this is {Version}");
        }

        string entry = reader.Text();
        return new ContainerState(
            entry.Length == 0 ? null : entry,
            reader.List(GroupState.Size, GroupState.Read),
            reader.List(SlotState.Size, SlotState.Read),
            reader.List(LocusRecord.LeastSize, LocusRecord.Read));
    }

    internal byte[] Encode()
    {
        var writer = new RecordWriter();
        writer.UInt16(Version);
        writer.Text(Entry ?? string.Empty);
        writer.List(Groups, GroupState.Write);
        writer.List(Slots, SlotState.Write);
        writer.List(Loci, LocusRecord.Write);
        return writer.ToArray();
    }
}

using System.Buffers.Binary;
using Runtime.Core;
using Runtime.Core.Snapshots;
using static Runtime.Stores.Volumes.Format.ContainerVersion;

namespace Runtime.Stores.Volumes;

/// <summary>One version of a container, and its place among those that descend from one another.</summary>
/// <remarks>
/// Versions form a tree: each follows its parent, and where several lines leave one it has several children. A hidden
/// version was discarded while several lines left it.
/// </remarks>
internal sealed record VersionRecord(
    VersionId Id,
    long Birth,
    bool IsHidden,
    DateTime Time,
    long Length,
    long PagesChanged,
    TreeRoot Map,
    DeadList Dead,
    VersionId Parent)
{
    public VersionId FirstChild { get; init; }

    public VersionId NextSibling { get; init; }

    public VersionId PreviousSibling { get; init; }

    public SnapshotInfo Info => new(new StateInterval(Id.Interval), new DateTimeOffset(Time), Length, PagesChanged);

    /// <summary>Whether there is a version in the place.</summary>
    public static bool IsAny(ReadOnlySpan<byte> source) => BirthOf(source) != 0;

    /// <returns>Null if no writer makes such a version.</returns>
    public static VersionRecord? Decode(ReadOnlySpan<byte> source, VersionId id)
    {
        long ticks = BinaryPrimitives.ReadInt64LittleEndian(source[Format.ContainerVersion.Time..]);
        BlockPointer dead = BlockPointer.Read(source[Format.ContainerVersion.Dead..]);
        if (ticks < DateTime.MinValue.Ticks || ticks > DateTime.MaxValue.Ticks
            || !TreeRoot.TryRead(source[Format.ContainerVersion.Map..], out TreeRoot map))
        {
            return null;
        }

        var version = new VersionRecord(
            id,
            Birth: BirthOf(source),
            IsHidden: (BinaryPrimitives.ReadUInt16LittleEndian(source[Flags..]) & Hidden) != 0,
            Time: new DateTime(ticks, DateTimeKind.Utc),
            Length: BinaryPrimitives.ReadInt64LittleEndian(source[Format.ContainerVersion.Length..]),
            PagesChanged: BinaryPrimitives.ReadInt64LittleEndian(source[Format.ContainerVersion.PagesChanged..]),
            map,
            new DeadList(dead, BinaryPrimitives.ReadInt64LittleEndian(source[DeadCount..])),
            Parent: VersionId.Read(source[Format.ContainerVersion.Parent..]))
        {
            FirstChild = VersionId.Read(source[Format.ContainerVersion.FirstChild..]),
            NextSibling = VersionId.Read(source[Format.ContainerVersion.NextSibling..]),
            PreviousSibling = VersionId.Read(source[Format.ContainerVersion.PreviousSibling..]),
        };
        return version.IsPossible ? version : null;
    }

    public void Encode(Span<byte> destination)
    {
        destination[..Size].Clear();
        BinaryPrimitives.WriteInt64LittleEndian(destination, Birth);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[Flags..], IsHidden ? Hidden : (ushort)0);
        BinaryPrimitives.WriteInt64LittleEndian(destination[Format.ContainerVersion.Time..], Time.Ticks);
        BinaryPrimitives.WriteInt64LittleEndian(destination[Format.ContainerVersion.Length..], Length);
        BinaryPrimitives.WriteInt64LittleEndian(destination[Format.ContainerVersion.PagesChanged..], PagesChanged);
        Map.Write(destination[Format.ContainerVersion.Map..]);
        Dead.First.Write(destination[Format.ContainerVersion.Dead..]);
        BinaryPrimitives.WriteInt64LittleEndian(destination[DeadCount..], Dead.Count);
        Parent.Write(destination[Format.ContainerVersion.Parent..]);
        FirstChild.Write(destination[Format.ContainerVersion.FirstChild..]);
        NextSibling.Write(destination[Format.ContainerVersion.NextSibling..]);
        PreviousSibling.Write(destination[Format.ContainerVersion.PreviousSibling..]);
    }

    private bool IsPossible =>
        Length is >= 0 and <= Format.MaxLength
        && PagesChanged >= 0
        && Dead.Count >= 0
        && Dead.First.IsHole == (Dead.Count == 0)
        && !Dead.First.IsMalformed;

    private static long BirthOf(ReadOnlySpan<byte> source) =>
        (long)(BinaryPrimitives.ReadUInt64LittleEndian(source) & Format.MaxUInt48);
}

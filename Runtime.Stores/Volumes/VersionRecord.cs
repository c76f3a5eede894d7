using System.Buffers.Binary;
using Runtime.Core;
using Runtime.Core.Snapshots;
using static Runtime.Stores.Volumes.Format.ContainerVersion;

namespace Runtime.Stores.Volumes;

/// <summary>One kept version of a container.</summary>
internal readonly record struct VersionRecord(
    ulong Interval, DateTime Time, long Length, long PagesChanged, TreeRoot Map)
{
    public SnapshotInfo Info => new(new StateInterval(Interval), new DateTimeOffset(Time), Length, PagesChanged);

    /// <returns>False if no writer makes such a version.</returns>
    public static bool TryRead(ReadOnlySpan<byte> source, out VersionRecord version)
    {
        version = default;
        long ticks = BinaryPrimitives.ReadInt64LittleEndian(source[Format.ContainerVersion.Time..]);
        if (ticks < DateTime.MinValue.Ticks || ticks > DateTime.MaxValue.Ticks
            || !TreeRoot.TryRead(source[Format.ContainerVersion.Map..], out TreeRoot map))
        {
            return false;
        }

        version = new VersionRecord(
            Interval: BinaryPrimitives.ReadUInt64LittleEndian(source[Format.ContainerVersion.Interval..]),
            Time: new DateTime(ticks, DateTimeKind.Utc),
            Length: BinaryPrimitives.ReadInt64LittleEndian(source[Format.ContainerVersion.Length..]),
            PagesChanged: BinaryPrimitives.ReadInt64LittleEndian(source[Format.ContainerVersion.PagesChanged..]),
            map);
        return version.Length is >= 0 and <= Format.MaxLength && version.PagesChanged >= 0;
    }

    public void Write(Span<byte> destination)
    {
        destination[..Size].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(destination[Format.ContainerVersion.Interval..], Interval);
        BinaryPrimitives.WriteInt64LittleEndian(destination[Format.ContainerVersion.Time..], Time.Ticks);
        BinaryPrimitives.WriteInt64LittleEndian(destination[Format.ContainerVersion.Length..], Length);
        BinaryPrimitives.WriteInt64LittleEndian(destination[Format.ContainerVersion.PagesChanged..], PagesChanged);
        Map.Write(destination[Format.ContainerVersion.Map..]);
    }
}

using System.Buffers.Binary;
using System.Globalization;

namespace Runtime.Stores.Volumes;

/// <summary>
/// Names a version wherever it is in the volume: a clone's line begins at another container's version.
/// </summary>
internal readonly record struct VersionId(ulong Container, ulong Interval)
{
    public static VersionId None => default;

    public bool IsNone => Interval == 0;

    public static VersionId Read(ReadOnlySpan<byte> source) => new(
        BinaryPrimitives.ReadUInt32LittleEndian(source[Format.Id.Container..]),
        BinaryPrimitives.ReadUInt64LittleEndian(source[Format.Id.Interval..]));

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(destination[Format.Id.Container..], (uint)Container);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[Format.Id.Interval..], Interval);
    }

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"version {Interval} of container {Container}");
}

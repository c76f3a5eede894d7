using System.Buffers.Binary;

namespace Runtime.Core.Storage;

/// <summary>
/// The one page of a self-managing manager's container that the kernel looks after: the newest whole record of it in
/// the log is the state from which the manager begins.
/// </summary>
/// <param name="Interval">The interval at whose end it was kept; 0 when it was made.</param>
/// <param name="Offset">Where it lies in the container: a multiple of the page size.</param>
/// <param name="Content">A page.</param>
internal sealed record RootPage(StateInterval Interval, ulong Offset, ReadOnlyMemory<byte> Content)
{
    internal KernelLogRecord ToRecord(ulong container)
    {
        var payload = new byte[sizeof(ulong) + PageNumber.Size];
        BinaryPrimitives.WriteUInt64LittleEndian(payload, Offset);
        Content.CopyTo(payload.AsMemory(sizeof(ulong)));
        return new KernelLogRecord((byte)KernelRecordKind.RootPage, container, Interval.Value, payload);
    }

    /// <exception cref="VolumeException">No writer makes such a record.</exception>
    internal static RootPage Of(in KernelLogRecord record)
    {
        if (record.Payload.Length != sizeof(ulong) + PageNumber.Size)
        {
            throw RecordReader.Damage($"has a root page of {record.Payload.Length} bytes");
        }

        ulong offset = BinaryPrimitives.ReadUInt64LittleEndian(record.Payload.Span);
        return offset % PageNumber.Size == 0 && offset < (ulong)Native.Section.LengthLimit
            ? new RootPage(new StateInterval(record.Interval), offset, record.Payload[sizeof(ulong)..])
            : throw RecordReader.Damage($"has a root page at {offset}");
    }
}

using System.Buffers.Binary;
using Runtime.Core.Storage;
using static Runtime.Stores.Logs.LogFormat.Record;

namespace Runtime.Stores.Logs;

/// <summary>Takes a batch's bytes, as its blocks hold them, apart into records.</summary>
/// <remarks>Never asks for more memory than one payload may take beyond what was read.</remarks>
internal sealed class LogRecords
{
    private readonly byte[] _header = new byte[Size];
    private readonly List<KernelLogRecord> _found = [];
    private byte[]? _payload;
    private int _filled;

    public IReadOnlyList<KernelLogRecord> Found => _found;

    /// <summary>Whether the bytes end where a record does.</summary>
    public bool IsWhole => _payload is null && _filled == 0;

    public static int SizeOf(in KernelLogRecord record) => Size + record.Payload.Length;

    public static void WriteHeader(Span<byte> header, in KernelLogRecord record)
    {
        header[..Size].Clear();
        BinaryPrimitives.WriteInt32LittleEndian(header[Length..], record.Payload.Length);
        header[Kind] = record.Kind;
        BinaryPrimitives.WriteUInt64LittleEndian(header[Container..], record.Container);
        BinaryPrimitives.WriteUInt64LittleEndian(header[Interval..], record.Interval);
    }

    /// <returns>False if no writer writes such bytes.</returns>
    public bool TryAdd(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            byte[] target = _payload ?? _header;
            int count = Math.Min(bytes.Length, target.Length - _filled);
            bytes[..count].CopyTo(target.AsSpan(_filled));
            bytes = bytes[count..];
            _filled += count;
            if (_filled == target.Length && _payload is null)
            {
                uint length = BinaryPrimitives.ReadUInt32LittleEndian(_header.AsSpan(Length));
                if (length > IKernelLog.MaxPayload)
                {
                    return false;
                }

                (_payload, _filled) = (new byte[length], 0);
            }

            if (_payload is not null && _filled == _payload.Length)
            {
                _found.Add(new KernelLogRecord(
                    _header[Kind],
                    BinaryPrimitives.ReadUInt64LittleEndian(_header.AsSpan(Container)),
                    BinaryPrimitives.ReadUInt64LittleEndian(_header.AsSpan(Interval)),
                    _payload));
                (_payload, _filled) = (null, 0);
            }
        }

        return true;
    }
}

using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Runtime.Core.Storage;

/// <summary>Writes what a record of the kernel's log holds, little-endian and without gaps.</summary>
internal sealed class RecordWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    internal byte[] ToArray() => _bytes.WrittenSpan.ToArray();

    internal void UInt16(ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes.GetSpan(sizeof(ushort)), value);
        _bytes.Advance(sizeof(ushort));
    }

    internal void UInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes.GetSpan(sizeof(uint)), value);
        _bytes.Advance(sizeof(uint));
    }

    internal void UInt64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_bytes.GetSpan(sizeof(ulong)), value);
        _bytes.Advance(sizeof(ulong));
    }

    internal void Bytes(ReadOnlySpan<byte> value)
    {
        UInt32((uint)value.Length);
        _bytes.Write(value);
    }

    internal void Text(string value) => Bytes(Encoding.UTF8.GetBytes(value));

    internal void List<T>(IReadOnlyCollection<T> items, Action<RecordWriter, T> write)
    {
        UInt32((uint)items.Count);
        foreach (T item in items)
        {
            write(this, item);
        }
    }
}

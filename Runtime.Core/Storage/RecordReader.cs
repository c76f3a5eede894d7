using System.Buffers.Binary;
using System.Text;
using Runtime.Core.Loci;

namespace Runtime.Core.Storage;

/// <summary>
/// Reads what a <see cref="RecordWriter"/> wrote; anything else is damage, and never more than its bytes.
/// </summary>
internal sealed class RecordReader(ReadOnlyMemory<byte> bytes)
{
    private ReadOnlyMemory<byte> _left = bytes;

    internal static VolumeException Damage(string what) =>
        new(Status.IoError, $"kernel.log: the record of a container {what}");

    internal ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(sizeof(ushort)));

    internal uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)));

    internal ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)));

    /// <summary>An argument block, which has a limit.</summary>
    internal byte[] Block()
    {
        uint length = UInt32();
        return length <= LocusLimits.ArgumentBlockSize
            ? Take(length).ToArray()
            : throw Damage($"has a block of {length} bytes");
    }

    internal string Text() => Encoding.UTF8.GetString(Take(UInt32()));

    /// <param name="leastSize">
    /// Bytes that each item takes at least: no more are believed than there is room for.
    /// </param>
    /// <param name="read">Reads one.</param>
    internal T[] List<T>(int leastSize, Func<RecordReader, T> read)
    {
        uint count = UInt32();
        if (count > (uint)(_left.Length / leastSize))
        {
            throw Damage("ends too early");
        }

        var items = new T[count];
        for (int i = 0; i < items.Length; i++)
        {
            items[i] = read(this);
        }

        return items;
    }

    private ReadOnlySpan<byte> Take(uint count)
    {
        if (count > (uint)_left.Length)
        {
            throw Damage("ends too early");
        }

        ReadOnlySpan<byte> taken = _left.Span[..(int)count];
        _left = _left[(int)count..];
        return taken;
    }
}

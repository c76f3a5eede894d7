using System.Buffers;

namespace Runtime.Core.Loci;

/// <summary>Bytes in the kernel's custody, as they were when they were handed over.</summary>
/// <remarks>For the thread that executes the locus. Small ones are kept for the next; large ones go back.</remarks>
internal sealed class ArgumentBlock
{
    private const int Kept = 4096;

    private byte[] _bytes = [];

    internal int Length { get; private set; }

    internal ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, Length);

    /// <summary>Whether more was handed over than a block holds; it was not copied then.</summary>
    internal bool IsTooLarge => Length > LocusLimits.ArgumentBlockSize;

    internal void Freeze(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > LocusLimits.ArgumentBlockSize)
        {
            Length = bytes.Length;
        }
        else
        {
            bytes.CopyTo(Room(bytes.Length));
        }
    }

    /// <summary>The block is this long from now on; the caller fills all of it.</summary>
    internal Span<byte> Room(int length)
    {
        if (length > _bytes.Length)
        {
            GiveBack();
            _bytes = ArrayPool<byte>.Shared.Rent(length);
        }

        Length = length;
        return _bytes.AsSpan(0, length);
    }

    /// <summary>Nothing was passed.</summary>
    internal void Clear()
    {
        Length = 0;
        if (_bytes.Length > Kept)
        {
            GiveBack();
        }
    }

    /// <summary>Whether a part may be read, in the order of the document: begin, then end, without overflow.</summary>
    internal Status Check(ulong offset, ulong length) =>
        offset >= (ulong)Length ? Status.OffsetBeyondBlock
        : length > (ulong)Length - offset ? Status.RangeBeyondBlock
        : Status.Success;

    private void GiveBack()
    {
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = [];
        }
    }
}

using Runtime.Core.Disks;

namespace Runtime.Stores.Managers.SelfManaging;

/// <summary>Writes blocks; those that lie in a row with one call.</summary>
/// <remarks>Not thread safe.</remarks>
internal sealed class BlockWriter(IDisk disk, int most)
{
    private readonly byte[] _blocks = new byte[most * IDisk.BlockSize];
    private uint _first;
    private int _count;

    /// <returns>The entry by which the block is found.</returns>
    internal ulong Add(uint block, ReadOnlySpan<byte> content)
    {
        if (_count == most || (_count > 0 && block != _first + _count))
        {
            Flush();
        }

        _first = _count == 0 ? block : _first;
        content.CopyTo(_blocks.AsSpan(_count++ * IDisk.BlockSize));
        return BlockEntry.Of(block, content);
    }

    internal void Flush()
    {
        if (_count > 0)
        {
            disk.WriteBlocks(new BlockNumber(_first), _blocks.AsSpan(0, _count * IDisk.BlockSize));
            _count = 0;
        }
    }
}

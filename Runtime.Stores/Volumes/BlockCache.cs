namespace Runtime.Stores.Volumes;

/// <summary>The map nodes that were read last.</summary>
/// <remarks>
/// Thread safe without locks: a slot holds a reference to an immutable block or nothing, and losing a race costs a
/// second read. A hit allocates nothing. The whole pointer is the key, so a block that was freed and written anew is
/// never taken for the old one.
/// </remarks>
internal sealed class BlockCache(int capacity)
{
    private const int Ways = 4;

    private readonly CachedBlock?[] _slots = new CachedBlock?[capacity];
    private uint _victim;

    public CachedBlock? Find(in BlockPointer pointer)
    {
        int set = SetOf(pointer);
        for (int way = 0; way < Ways; way++)
        {
            CachedBlock? block = Volatile.Read(ref _slots[set + way]);
            if (block is not null && block.Pointer == pointer)
            {
                return block;
            }
        }

        return null;
    }

    public void Add(CachedBlock block)
    {
        int set = SetOf(block.Pointer);
        for (int way = 0; way < Ways; way++)
        {
            if (Interlocked.CompareExchange(ref _slots[set + way], block, null) is null)
            {
                return;
            }
        }

        // Any victim is right; a shared counter that tears or repeats under a race still spreads them.
        Volatile.Write(ref _slots[set + (int)(_victim++ % Ways)], block);
    }

    private int SetOf(in BlockPointer pointer)
    {
        ulong hash = (ulong)pointer.Block * 0x9E37_79B9_7F4A_7C15;
        return (int)((hash >> 32) % (uint)(_slots.Length / Ways)) * Ways;
    }
}

namespace Runtime.Stores.Volumes;

/// <summary>A verified block in memory; never changed once made, so any thread may read it.</summary>
internal sealed class CachedBlock(BlockPointer pointer, byte[] bytes)
{
    public BlockPointer Pointer { get; } = pointer;

    public ReadOnlySpan<byte> Bytes => bytes;

    public BlockPointer Child(int slot) => BlockPointer.Read(Bytes[(slot * Format.Pointer.Size)..]);
}

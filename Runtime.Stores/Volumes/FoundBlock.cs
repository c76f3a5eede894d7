namespace Runtime.Stores.Volumes;

/// <summary>What a block is, by what leads to it.</summary>
/// <param name="Kind">How its bytes are to be read.</param>
/// <param name="Role">What it is for, in words.</param>
/// <param name="Pointer">What leads to it.</param>
internal sealed record FoundBlock(BlockKind Kind, string Role, BlockPointer Pointer);

namespace Runtime.Stores.Volumes;

/// <summary>A leaf to be put into a tree; a hole takes the old one out.</summary>
internal readonly record struct TreeEntry(ulong Index, BlockPointer Pointer);

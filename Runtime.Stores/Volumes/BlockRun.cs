namespace Runtime.Stores.Volumes;

/// <summary>Blocks that stand side by side.</summary>
internal readonly record struct BlockRun(long Start, int Count);

namespace Runtime.Stores.Volumes;

/// <summary>How far <see cref="Volume.Verify"/> has come.</summary>
/// <param name="Blocks">Blocks read.</param>
/// <param name="Total">At most so many are to be read; free ones among them are not.</param>
public readonly record struct VolumeProgress(long Blocks, long Total);

namespace Runtime.Stores.Volumes;

/// <summary>How a volume is opened.</summary>
public sealed record VolumeOptions
{
    /// <summary>Whether a volume is made where there is none; false: that is an error.</summary>
    public bool Create { get; init; }

    /// <summary>
    /// Whether nothing of the volume may be written, not even to repair a superblock; excludes <see cref="Create"/>.
    /// </summary>
    public bool ReadOnly { get; init; }
}

namespace Runtime.Stores.Managers;

/// <summary>What lies below a <see cref="LayerManager"/>.</summary>
public record LayerOptions
{
    /// <summary>
    /// The name of the manager of the backing containers, as it is registered with the kernel; "snapshotting". May be
    /// another layer.
    /// </summary>
    public string Below { get; init; } = "snapshotting";
}

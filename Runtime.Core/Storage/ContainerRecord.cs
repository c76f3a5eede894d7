namespace Runtime.Core.Storage;

/// <summary>What a volume knows of a container without opening it.</summary>
/// <param name="Id">Never reused within the volume.</param>
/// <param name="Name">Unique within the volume.</param>
/// <param name="Manager">The name under which its manager is registered at boot.</param>
/// <param name="Length">Bytes, at the newest version.</param>
public sealed record ContainerRecord(ulong Id, string Name, string Manager, long Length)
{
    /// <summary>What stands for the manager of a container that has none.</summary>
    public const string NoManager = "unmanaged";

    /// <summary>The highest interval of which there has been a version; 0 if there was none.</summary>
    public StateInterval Newest { get; init; }

    /// <summary>Whether it has no manager: its data cannot be touched.</summary>
    public bool IsUnmanaged => Manager == NoManager;
}

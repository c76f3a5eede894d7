namespace Runtime.Core.Storage;

/// <summary>What a volume knows of a container without opening it.</summary>
/// <param name="Id">Never reused within the volume.</param>
/// <param name="Name">Unique within the volume.</param>
/// <param name="Manager">The name under which its manager is registered at boot.</param>
/// <param name="Length">Bytes, at the newest version.</param>
public sealed record ContainerRecord(ulong Id, string Name, string Manager, long Length);

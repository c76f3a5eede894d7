namespace Runtime.Stores.Volumes;

/// <summary>What <see cref="Volume.CopyTo"/> has copied, and what the other volume had already.</summary>
/// <param name="Containers">Containers of the volume, all of which the other one now has.</param>
/// <param name="Versions">Versions that were copied.</param>
/// <param name="VersionsThere">Versions that the other volume had.</param>
/// <param name="Pages">Pages that were copied.</param>
/// <param name="VersionsDropped">
/// Versions that the other volume had and no longer has, those of containers that went included.
/// </param>
public sealed record VolumeCopyReport(
    int Containers, int Versions, int VersionsThere, long Pages, int VersionsDropped);

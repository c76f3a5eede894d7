namespace Runtime.Stores.Volumes;

/// <summary>A version of one volume, and the draft in another one that gathers the pages in which it is new.</summary>
internal sealed record CopiedVersion(KeptVersion Version, VersionDraft Draft);

namespace Runtime.Stores.Volumes;

/// <summary>A version of a <see cref="VersionSet"/>, and the nearest kept one that it came of; null for none.</summary>
internal sealed record KeptVersion(VersionRecord Record, VersionRecord? Base);

namespace Runtime.Stores.Volumes;

/// <summary>How a volume's blocks of 4 KiB are used, as of its newest commit.</summary>
/// <param name="Blocks">That the volume has on its medium.</param>
/// <param name="InUse">Those that versions and records need.</param>
/// <param name="Free">Those that may be written now, the reserve included.</param>
/// <param name="Dead">
/// Entries of dead lists: blocks that older versions keep and later ones do not need. One that several lines gave up
/// counts for each.
/// </param>
/// <param name="Reserve">Those kept back from ordinary commits, so that a full disk can be made room on.</param>
public readonly record struct VolumeStatistics(long Blocks, long InUse, long Free, long Dead, long Reserve);

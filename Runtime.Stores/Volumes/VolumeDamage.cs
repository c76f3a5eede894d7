using Runtime.Core;
using Runtime.Core.Disks;

namespace Runtime.Stores.Volumes;

/// <summary>Something that <see cref="Volume.Verify"/> found.</summary>
/// <param name="Block">The damaged block; of <c>kernel.log</c> if the message says so.</param>
/// <param name="Container">The container that needs it; null if it is the catalogue's or the superblock's.</param>
/// <param name="Interval">The oldest version that needs it, if it is a version's.</param>
/// <param name="Page">The page, if it is a page's: all else loses every page below it.</param>
/// <param name="Message">What is wrong, naming the block.</param>
public sealed record VolumeDamage(
    BlockNumber Block, string? Container, StateInterval? Interval, PageNumber? Page, string Message);

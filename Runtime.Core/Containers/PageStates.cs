namespace Runtime.Core.Containers;

/// <summary>How many pages of a stretch are in which state; the first four add up to all of them.</summary>
/// <param name="Absent">Not in memory.</param>
/// <param name="Clean">In memory as its manager has it.</param>
/// <param name="Dirty">In memory, written in the open interval.</param>
/// <param name="Unsaved">In memory, written in an interval that is closed but not saved yet.</param>
/// <param name="Pinned">Of those in memory, held by leases.</param>
public readonly record struct PageStates(long Absent, long Clean, long Dirty, long Unsaved, long Pinned)
{
    /// <summary>The states of two stretches together.</summary>
    public static PageStates operator +(PageStates left, PageStates right) => new(
        left.Absent + right.Absent,
        left.Clean + right.Clean,
        left.Dirty + right.Dirty,
        left.Unsaved + right.Unsaved,
        left.Pinned + right.Pinned);
}

using Runtime.Core.Memory;

namespace Runtime.Core.Faults;

/// <summary>
/// The pages of a window that the calling thread's accessor goes through: so its first fault knows of those to come.
/// </summary>
/// <remarks>An accessor's fault is served on its own thread; on any other one nothing is known.</remarks>
internal static class AccessRange
{
    [ThreadStatic]
    private static Range s_current;

    /// <summary>An accessor begins, perhaps in the upcall for another one's fault.</summary>
    /// <returns>What <see cref="End"/> is to be given.</returns>
    internal static Range Begin(PanedWindow window, long offset, long length)
    {
        Range before = s_current;
        s_current = new Range(window, (offset + length - 1) / PageNumber.Size);
        return before;
    }

    internal static void End(Range before) => s_current = before;

    /// <summary>How many pages the accessor still goes through, this one included; 1 if it is none.</summary>
    internal static long CountFrom(PanedWindow window, long page)
    {
        Range range = s_current;
        return range.Window == window ? Math.Max(range.LastPage - page + 1, 1) : 1;
    }

    internal readonly record struct Range(PanedWindow? Window, long LastPage);
}

namespace Runtime.Native;

/// <summary>
/// What the system refused to the calling thread last, for whoever tells of it: noted only where a call has failed, so
/// that it costs nothing otherwise.
/// </summary>
internal static class RefusedCall
{
    [ThreadStatic]
    private static string? s_what;

    [ThreadStatic]
    private static int s_errorNumber;

    /// <param name="what">The call, and what of; or a limit of this library.</param>
    /// <param name="errorNumber">The errno or Windows error code; 0 for a limit of this library.</param>
    /// <returns>False, always.</returns>
    internal static bool Note(string what, int errorNumber = 0)
    {
        (s_what, s_errorNumber) = (what, errorNumber);
        return false;
    }

    /// <summary>The last one, which is told of now; null if there was none.</summary>
    internal static MemoryException? Take()
    {
        string? what = s_what;
        s_what = null;
        return what is null ? null
            : s_errorNumber == 0 ? new MemoryException(what)
            : new MemoryException($"{what} failed", s_errorNumber);
    }
}

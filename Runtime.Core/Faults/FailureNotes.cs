namespace Runtime.Core.Faults;

/// <summary>
/// Why the last faults failed: the trap library carries a status only, to a thread that need not be the one which
/// served.
/// </summary>
/// <remarks>Thread safe. Of two failures of the same touch the newer one is told.</remarks>
internal static class FailureNotes
{
    private const int Room = 64;

    private static readonly Lock s_lock = new();                    // guards the fields below
    private static readonly Note[] s_notes = new Note[Room];
    private static int s_next;

    /// <param name="window">The name of the window that was touched.</param>
    /// <param name="offset">From its first byte.</param>
    /// <param name="access">What was attempted.</param>
    /// <param name="status">Why it failed.</param>
    /// <param name="failure">What the manager said or threw; null for nothing.</param>
    internal static void Add(string window, long offset, Access access, Status status, Exception? failure)
    {
        int number = (failure as KernelException)?.ErrorNumber ?? 0;
        lock (s_lock)
        {
            s_notes[s_next] = new Note(window, offset, access, status, failure?.Message, number);
            s_next = (s_next + 1) % Room;
        }
    }

    /// <returns>The reason and the error's number; null and 0 if there was none.</returns>
    internal static (string? Reason, int ErrorNumber) Find(string window, long offset, Access access, Status status)
    {
        lock (s_lock)
        {
            for (int back = 1; back <= Room; back++)
            {
                Note note = s_notes[(s_next - back + Room) % Room];
                if (note.Window == window && (note.Offset, note.Access, note.Status) == (offset, access, status))
                {
                    return (note.Reason, note.ErrorNumber);
                }
            }
        }

        return default;
    }

    private readonly record struct Note(
        string? Window, long Offset, Access Access, Status Status, string? Reason, int ErrorNumber);
}

namespace Runtime.Tests.Native;

/// <summary>Threads that begin the same work at the same moment.</summary>
internal static class Team
{
    /// <summary>
    /// Runs the work on so many threads, all started before any begins, and waits; rethrows the first failure.
    /// </summary>
    internal static void Run(int threads, Action<int> work)
    {
        using var start = new Barrier(threads);
        Exception? failure = null;
        Thread[] team = [.. Enumerable.Range(0, threads).Select(index => new Thread(() =>
        {
            start.SignalAndWait();
            try
            {
                work(index);
            }
            catch (Exception reason)
            {
                failure ??= reason;
            }
        }, maxStackSize: 512 << 10))];
        Array.ForEach(team, thread => thread.Start());
        Array.ForEach(team, thread => thread.Join());
        if (failure is not null)
        {
            throw new InvalidOperationException("a thread of the team failed", failure);
        }
    }
}

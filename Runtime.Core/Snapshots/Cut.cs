using Runtime.Core.Faults;
using Runtime.Core.Managers;
using Runtime.Core.Memory;
using Runtime.Native;

namespace Runtime.Core.Snapshots;

/// <summary>Makes one snapshot of a container: the life of a snapshot, step by step.</summary>
/// <remarks>
/// Writers are held still from the first step to the last, saving included. So a snapshot that exists is durable.
/// </remarks>
internal static class Cut
{
    /// <summary>Cuts and saves. The interval is closed whatever comes of it: a failed one has no snapshot.</summary>
    internal static Snapshot Make(ContainerMemory memory, StateInterval interval, TimeSpan leaseLimit)
    {
        // 1. Writers: leases end, new grants wait at the gate.
        if (!memory.Gate.TryBeginCut(Environment.TickCount64 + (long)leaseLimit.TotalMilliseconds))
        {
            throw new KernelException(
                Status.LeasesOutstanding,
                $"container '{memory.Name}': write leases were still held after {leaseLimit.TotalMilliseconds:F0} ms");
        }

        ulong before = Trap.ExchangeServing(0);
        FaultContext context = FaultContext.Enter(memory, offset: 0, Access.Read, before, memory.DeadlineMs);
        Trap.ExchangeServing((ulong)context.Number);
        try
        {
            // 2. Every page written in the interval is claimed and closed to writing.
            List<PageNumber> pages = memory.HoldWritten(context);
            bool isSaved = false;
            try
            {
                // 3. The manager saves them; 4. they are clean and open again.
                var info = new SnapshotInfo(interval, DateTimeOffset.UtcNow, memory.Length, pages.Count);
                Save(memory, info, pages);
                isSaved = true;
                return new Snapshot(info, Task.CompletedTask);
            }
            finally
            {
                memory.Release(pages, isSaved);
            }
        }
        finally
        {
            // 5. The writers that came meanwhile go on, in the next interval.
            Trap.ExchangeServing(before);
            context.Exit();
            memory.Gate.EndCut();
        }
    }

    private static void Save(ContainerMemory memory, SnapshotInfo info, List<PageNumber> pages)
    {
        Status status;
        try
        {
            status = memory.Manager.ContainerSnapshot(new SnapshotCut(memory, info.Interval, info.Time, pages));
        }
        catch (Exception failure) when (failure is not KernelException)
        {
            throw new KernelException(
                Status.ManagerFailed,
                $"container '{memory.Name}': its manager threw while saving interval {info.Interval}",
                failure);
        }

        if (status != Status.Success)
        {
            throw new KernelException(
                status, $"container '{memory.Name}': its manager could not save interval {info.Interval}: {status}");
        }
    }
}

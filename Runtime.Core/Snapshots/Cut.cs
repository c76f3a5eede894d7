using Runtime.Core.Memory;

namespace Runtime.Core.Snapshots;

/// <summary>One instant for several containers and every thread: the life of a snapshot, step by step.</summary>
/// <remarks>
/// Writers are held still only for the instant; what they wrote before is saved in the background
/// (<see cref="Saver"/>). Source: docs/design.md, "The life of a snapshot".
/// </remarks>
internal static class Cut
{
    /// <summary>Closes the given intervals. Those of a failed cut are burnt: they have no snapshot.</summary>
    internal static IReadOnlyList<Snapshot> Make(
        IReadOnlyList<ContainerCut> cuts,
        PageBuffers buffers,
        Saver saver,
        TimeSpan leaseLimit,
        DateTimeOffset? time = null)
    {
        List<CutGate> gates = [.. cuts.Select(cut => cut.Memory.Gate)];
        Close(cuts, gates, leaseLimit);
        try
        {
            return MakeBehindGates(cuts, buffers, saver, time);
        }
        finally
        {
            // 5. The writers that came meanwhile go on, in the next interval.
            CutGate.Open(gates);
        }
    }

    /// <summary>
    /// Cuts one container, unless nothing was written, and does something more before writers go on.
    /// </summary>
    internal static void Make(
        ContainerCut cut,
        PageBuffers buffers,
        Saver saver,
        TimeSpan leaseLimit,
        Action<Snapshot?> beforeWritersGoOn)
    {
        List<CutGate> gates = [cut.Memory.Gate];
        Close([cut], gates, leaseLimit);
        try
        {
            bool hasChanged = cut.Memory.HasChangedBehindGate();
            beforeWritersGoOn(hasChanged ? MakeBehindGates([cut], buffers, saver)[0] : null);
        }
        finally
        {
            CutGate.Open(gates);
        }
    }

    private static void Close(IReadOnlyList<ContainerCut> cuts, List<CutGate> gates, TimeSpan leaseLimit)
    {
        // 1. Write leases end, new grants for writing wait at the gate.
        if (CutGate.TryClose(gates, Environment.TickCount64 + (long)leaseLimit.TotalMilliseconds) is { } held)
        {
            throw new KernelException(
                Status.LeasesOutstanding,
                $"container '{cuts[gates.IndexOf(held)].Memory.Name}': write leases were still held after "
                    + $"{leaseLimit.TotalMilliseconds:F0} ms");
        }
    }

    private static IReadOnlyList<Snapshot> MakeBehindGates(
        IReadOnlyList<ContainerCut> cuts, PageBuffers buffers, Saver saver, DateTimeOffset? given = null)
    {
        var made = new List<PendingSnapshot>(cuts.Count);
        try
        {
            // 2. and 3. Every page written in the interval is claimed and closed to writing, in every container.
            foreach (ContainerCut cut in cuts)
            {
                cut.Hold();
            }

            // 4. The intervals are closed, and the next ones open. If a manager refuses, those before it stand.
            DateTimeOffset time = given ?? DateTimeOffset.UtcNow;
            foreach (ContainerCut cut in cuts)
            {
                made.Add(cut.Close(time, buffers));
            }

            return [.. made.Select(snapshot => snapshot.Snapshot)];
        }
        finally
        {
            saver.Add(made);
            foreach (ContainerCut cut in cuts.Reverse())
            {
                cut.End();
            }
        }
    }
}

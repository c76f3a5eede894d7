using Runtime.Core.Containers;
using Runtime.Core.Faults;
using Runtime.Core.Managers;
using Runtime.Core.Memory;
using Runtime.Native;

namespace Runtime.Core.Snapshots;

/// <summary>One container's part in a cut.</summary>
internal sealed class ContainerCut(ContainerMemory memory, StateInterval interval, ContainerEntity? entity)
{
    private readonly List<PageNumber> _pages = [];
    private FaultContext? _context;
    private bool _isClosed;

    internal ContainerMemory Memory => memory;

    /// <summary>Holds every page written in the interval still, closed to writing.</summary>
    internal void Hold()
    {
        _context = FaultContext.BeginServing(memory);
        memory.CutLock.Enter();                                     // until the end: no interval is given up meanwhile
        if (!memory.TryHoldWritten(_context, _pages))
        {
            MemoryException? refusal = RefusedCall.Take();
            throw new KernelException(
                Status.NoResources,
                $"container '{memory.Name}': the system refused to withdraw write access for the cut"
                    + (refusal is null ? "" : $": {refusal.Message}"),
                refusal);
        }
    }

    /// <summary>The manager takes note of the cut; from here on the snapshot exists.</summary>
    /// <returns>What is to be saved.</returns>
    internal PendingSnapshot Close(DateTimeOffset time, PageBuffers buffers)
    {
        var info = new SnapshotInfo(interval, time, memory.Length, memory.CountWritten());
        var preserved = new PreservedPages(interval, _pages, buffers);
        Tell(new SnapshotCut(memory, info, preserved));
        var snapshot = new PendingSnapshot(
            memory, preserved, info, entity?.Kernel.Store, entity?.Kernel.Capture(entity, interval));
        memory.AddPending(snapshot);
        preserved.Evicted = memory.ReleaseCut(_pages);
        _isClosed = true;
        return snapshot;
    }

    /// <summary>Lets go of what is still held.</summary>
    internal void End()
    {
        if (_context is null)
        {
            return;
        }

        if (!_isClosed)
        {
            memory.AbandonCut(_pages);
            memory.NoteBurnt(interval);
        }

        _context.EndServing();
        _context = null;
        memory.CutLock.Exit();
    }

    private void Tell(in SnapshotCut cut)
    {
        memory.ThrowIfQuarantined();
        memory.ThrowIfLost();
        Status status;
        try
        {
            status = memory.Manager.ContainerSnapshot(cut);
        }
        catch (Exception failure) when (failure is not KernelException)
        {
            throw new KernelException(
                Status.ManagerFailed,
                $"container '{memory.Name}': its manager threw when interval {interval} was cut",
                failure);
        }

        if (status != Status.Success)
        {
            throw new KernelException(
                status, $"container '{memory.Name}': its manager refused the cut of interval {interval}: {status}");
        }
    }
}

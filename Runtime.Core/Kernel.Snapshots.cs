using Runtime.Core.Containers;
using Runtime.Core.Snapshots;

namespace Runtime.Core;

/// <content>Cuts.</content>
public sealed partial class Kernel
{
    /// <summary>
    /// Cuts several containers at one and the same instant for every thread: what one of them holds of a thread's
    /// writes, the others hold up to there.
    /// </summary>
    /// <remarks>
    /// Those that one manager keeps, if it can (the one of volumes does), become durable in one commit: after a crash
    /// all of them are there or none, and if one cannot be saved, all fail. Those of different managers are each
    /// durable by itself.
    /// </remarks>
    /// <returns>The snapshots, in the order of the containers.</returns>
    /// <exception cref="KernelException">
    /// As <see cref="Container.TakeSnapshot"/>. If a manager refuses its container's cut, the others' may stand.
    /// </exception>
    public IReadOnlyList<Snapshot> TakeSnapshot(IReadOnlyCollection<Container> containers)
    {
        ArgumentNullException.ThrowIfNull(containers);
        Container[] locked = [.. containers.Distinct().OrderBy(container => container.Record.Id)];
        var cuts = new List<ContainerCut>(locked.Length);
        try
        {
            // In this order, so that two cuts never wait in a ring.
            foreach (Container container in locked)
            {
                cuts.Add(container.BeginCut());
            }

            IReadOnlyList<Snapshot> snapshots = Cut(cuts);
            return [.. containers.Select(container => snapshots[Array.IndexOf(locked, container)])];
        }
        finally
        {
            foreach (Container container in locked.Take(cuts.Count))
            {
                container.EndCut();
            }
        }
    }

    /// <inheritdoc cref="TakeSnapshot"/>
    public Task<IReadOnlyList<Snapshot>> SnapshotAsync(
        IReadOnlyCollection<Container> containers, CancellationToken cancellationToken = default) =>
        Task.Run(() => TakeSnapshot(containers), cancellationToken);

    /// <summary>Makes the cut and has it saved; the caller holds the containers.</summary>
    internal IReadOnlyList<Snapshot> Cut(IReadOnlyList<ContainerCut> cuts)
    {
        ObjectDisposedException.ThrowIf(_saver.IsDisposed, this);   // nobody would save it
        return Snapshots.Cut.Make(cuts, _resident.Buffers, _saver, Options.LeaseLimit);
    }

    /// <summary>Makes the cut of one container, of which the history says another time.</summary>
    internal Snapshot CutAs(ContainerCut cut, DateTimeOffset time)
    {
        ObjectDisposedException.ThrowIf(_saver.IsDisposed, this);
        return Snapshots.Cut.Make([cut], _resident.Buffers, _saver, Options.LeaseLimit, time)[0];
    }

    /// <summary>Saves a snapshot on this thread, unless another is about it, and waits until it is durable.</summary>
    internal void SaveHere(Snapshot snapshot)
    {
        _saver.SaveHere(snapshot);
        snapshot.WaitForDurable();
    }

    /// <summary>
    /// Cuts a container unless nothing was written, and does something more before its writers go on.
    /// </summary>
    internal void Cut(ContainerCut cut, Action<Snapshot?> beforeWritersGoOn)
    {
        ObjectDisposedException.ThrowIf(_saver.IsDisposed, this);
        Snapshots.Cut.Make(cut, _resident.Buffers, _saver, Options.LeaseLimit, beforeWritersGoOn);
    }
}

using Runtime.Core.Containers;
using Runtime.Core.Managers;
using Runtime.Core.Snapshots;
using Runtime.Core.Storage;

namespace Runtime.Core;

/// <content>Versions that go of themselves.</content>
public sealed partial class Kernel
{
    // Each piece is a commit, and between two of them one can stop.
    private const int PieceVersions = 64;

    /// <summary>
    /// Drops the versions that a retention does not ask for, but none that is in use. One that is still being saved
    /// makes up for none. Those that are dropped together are gone together after a crash; there may be several such
    /// pieces, the oldest first.
    /// </summary>
    /// <param name="name">The container, open or not.</param>
    /// <param name="retention">Which versions stay.</param>
    /// <param name="progress">Told how many versions were looked at, of those that no rule keeps.</param>
    /// <param name="cancellationToken">Stops between two pieces: what was dropped is.</param>
    /// <returns>Those that were dropped, oldest first.</returns>
    public IReadOnlyList<StateInterval> Retain(
        string name,
        Retention retention,
        IProgress<long>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(retention);
        (Manager manager, ContainerRecord record) = ManagerOf(name);
        var dropped = new List<StateInterval>();
        long passed = 0;
        foreach (SnapshotInfo[] piece in retention.Superseded(DurableHistory(manager, record)).Chunk(PieceVersions))
        {
            cancellationToken.ThrowIfCancellationRequested();
            StateInterval[] versions = [.. piece.Select(version => version.Interval)];
            DiscardUnused(manager, record, versions, dropped);
            progress?.Report(passed += piece.Length);
        }

        return dropped;
    }

    /// <inheritdoc cref="Retain"/>
    public Task<IReadOnlyList<StateInterval>> RetainAsync(
        string name,
        Retention retention,
        IProgress<long>? progress = null,
        CancellationToken cancellationToken = default) =>
        Task.Run(() => Retain(name, retention, progress, cancellationToken), cancellationToken);

    /// <summary>All together, unless one is refused or a full disk cannot take so many: then each half alone.</summary>
    private static void DiscardUnused(
        Manager manager, ContainerRecord record, ArraySegment<StateInterval> versions, List<StateInterval> dropped)
    {
        try
        {
            Discard(manager, record, versions);
            dropped.AddRange(versions);
        }
        catch (KernelException refusal) when (
            versions.Count > 1 && (IsInUse(refusal.Status) || refusal.Status == Status.NoResources))
        {
            int half = versions.Count / 2;
            DiscardUnused(manager, record, versions[..half], dropped);
            DiscardUnused(manager, record, versions[half..], dropped);
        }
        catch (KernelException refusal) when (IsInUse(refusal.Status))
        {
        }
    }

    /// <summary>Somebody reads it, the container begins with it, or somebody else has dropped it.</summary>
    private static bool IsInUse(Status status) =>
        status is Status.Busy or Status.IntervalPinned or Status.NoSuchInterval;

    /// <summary>The kept versions that a crash leaves, so that others may go for them.</summary>
    private List<SnapshotInfo> DurableHistory(Manager manager, ContainerRecord record)
    {
        HashSet<StateInterval> kept = [.. History(manager, record).Select(version => version.Interval)];
        Container? open;
        lock (_lock)
        {
            open = _open.GetValueOrDefault(record.Id);
        }

        if (open is not null)
        {
            lock (open.Memory.CutLock)                              // a cut tells the manager first, then notes it
            {
                kept.ExceptWith(open.Memory.Pending.Select(pending => pending.Snapshot.Interval));
            }
        }

        // What was being saved at first and is not any more was saved if it is still there.
        return [.. History(manager, record).Where(version => kept.Contains(version.Interval))];
    }
}

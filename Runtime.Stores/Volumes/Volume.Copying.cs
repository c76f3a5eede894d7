using Runtime.Core;

namespace Runtime.Stores.Volumes;

/// <content>Copying to another volume.</content>
public sealed partial class Volume
{
    /// <summary>
    /// Copies to another volume what that one has not: containers by their ids, versions by their intervals, and of
    /// each version the pages in which it differs from one that is there. In one commit, so that at any time the other
    /// volume holds a state that this one had at one moment.
    /// </summary>
    /// <param name="target">
    /// Empty, or one to which this volume was copied before; nothing else may have been written to it.
    /// </param>
    /// <param name="prunes">
    /// Whether the other volume then drops versions and containers that this one has no longer; by a second commit.
    /// </param>
    /// <param name="progress">Told of pages read.</param>
    /// <param name="cancellationToken">Ends it; the other volume is then as it was.</param>
    /// <remarks>
    /// Work on this volume goes on meanwhile; its versions of the moment at which it began cannot be discarded until it
    /// ends. A container that this volume no longer has makes way if another one here has its name: its id is added.
    /// The kernel's log is copied whole, as it is when the pages are there, and before the commit: as everywhere, a
    /// version never comes without its records, and those of versions that did not come mean nothing.
    /// </remarks>
    /// <exception cref="VolumeException">
    /// The other volume is read-only or full, or a page or the kernel's log here is damaged; the other volume is as it
    /// was, its log perhaps newer.
    /// </exception>
    /// <exception cref="KernelException">
    /// <see cref="Status.AlreadySet"/> if the other volume has another version in the place of one of these, that is,
    /// if it is no copy of this one; <see cref="Status.Busy"/> if something that is to be dropped is open.
    /// </exception>
    public VolumeCopyReport CopyTo(
        Volume target,
        bool prunes = false,
        IProgress<VolumeProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(target);
        if (target == this)
        {
            throw new ArgumentException("A volume cannot be copied to itself.", nameof(target));
        }

        target._store.ThrowIfClosedForWriting();
        using VersionSet set = _store.BetweenCommits(
            () => WithCatalogue(catalogue => VersionSet.Open(_store.Reader, catalogue, _open)), cancellationToken);
        List<CopiedVersion> missing = target.DraftMissing(set);
        try
        {
            long pages = new PageCopy(_store, progress, cancellationToken).Run(missing);
            _log.CopyTo(target._log);
            target.Take(set, missing);
            return new VolumeCopyReport(
                set.Containers.Count,
                missing.Count,
                set.Versions.Count - missing.Count,
                pages,
                prunes ? target.Prune(set) : 0);
        }
        finally
        {
            missing.ForEach(copied => copied.Draft.Dispose());
        }
    }

    /// <summary>Begins a draft for each version of another volume that is not here.</summary>
    private List<CopiedVersion> DraftMissing(VersionSet set)
    {
        using BlockStore.ReadPin pin = _store.Pin();
        var missing = new List<CopiedVersion>();
        foreach (KeptVersion version in set.Versions)
        {
            VersionRecord copied = version.Record;
            ContainerEntry? container = WithCatalogue(catalogue => catalogue.Find(copied.Id.Container));
            VersionRecord? there = container is null
                ? null
                : VersionTable.Find(_store.Reader, container, copied.Id.Interval);
            if (there is null)
            {
                missing.Add(new CopiedVersion(version, Draft(version)));
            }
            else if (there.Time != copied.Time || there.Length != copied.Length)
            {
                throw new KernelException(
                    Status.AlreadySet,
                    $"the volume is no copy of the other one: interval {copied.Id.Interval} of '{container!.Name}' "
                        + "is not the same in both");
            }
        }

        return missing;
    }

    /// <summary>A draft that nobody reads: what is below it is known when it is committed.</summary>
    private VersionDraft Draft(KeptVersion version)
    {
        VersionId id = version.Record.Id;
        var nothing = new VersionMap(_store, version: null, id with { Interval = 0 }, length: 0, open: null);
        long lengthBelow = version.Base?.Length ?? version.Record.Length;
        return new VersionDraft(_store, _open, id.Container, new StateInterval(id.Interval), nothing, lengthBelow)
        {
            Length = version.Record.Length,
        };
    }

    /// <summary>Makes the drafts versions, and containers what they are in the other volume; in one commit.</summary>
    private void Take(VersionSet set, List<CopiedVersion> missing)
    {
        using Transaction transaction = Begin();
        MakeWay(transaction, set.Containers);
        foreach (ContainerEntry container in set.Containers)
        {
            transaction.ReserveContainerId(container.Id);
            ContainerEntry? there = transaction.Find(container.Id);
            ContainerEntry taken = there ?? ContainerEntry.Create(
                container.Id, container.Name, container.Manager, container.Length);
            taken = taken with
            {
                Name = container.Name,
                Manager = container.Manager,
                Length = container.Length,
                HighestInterval = Math.Max(taken.HighestInterval, container.HighestInterval),
                Head = container.Head,
            };
            if (taken != there)
            {
                transaction.Put(taken);
            }
        }

        try
        {
            List<VersionRecord> versions = [.. missing.Select(copied => Append(transaction, copied))];
            if (transaction.Changed.Count == 0)
            {
                return;
            }

            Commit(transaction);
            foreach ((CopiedVersion copied, VersionRecord version) in missing.Zip(versions))
            {
                copied.Draft.Become(new VersionMap(_store, version, version.Id, version.Length, open: null));
            }
        }
        catch
        {
            missing.ForEach(copied => copied.Draft.Unseal());
            throw;
        }
    }

    private VersionRecord Append(Transaction transaction, CopiedVersion copied)
    {
        (KeptVersion version, VersionDraft draft) = copied;
        draft.Seal();
        transaction.Writer.Drain();                                 // what it is based on may have just been made
        VersionRecord? parent = version.Base is { } below ? transaction.Versions.Get(below.Id) : null;
        return Append(
            transaction, draft, draft.Content(), parent, version.Record.Info.Time, version.Record.PagesChanged);
    }

    /// <summary>Lets containers that the other volume no longer has leave their names to those that it has.</summary>
    private void MakeWay(Transaction transaction, IReadOnlyList<ContainerEntry> containers)
    {
        HashSet<ulong> ids = [.. containers.Select(container => container.Id)];
        foreach (ContainerEntry container in containers)
        {
            ContainerEntry? namesake = WithCatalogue(catalogue => catalogue.Find(container.Name));
            if (namesake is not null && !ids.Contains(namesake.Id))
            {
                string name = $"{namesake.Name} ({namesake.Id})";
                ContainerName.ThrowIfInvalid(name, nameof(containers));
                ThrowIfTaken(name);
                transaction.Put(namesake with { Name = name });
            }
        }
    }

    /// <summary>Drops what a set, which is there, does not have.</summary>
    /// <returns>How many versions those were.</returns>
    private int Prune(VersionSet set)
    {
        ILookup<ulong, ulong> kept = set.Versions.ToLookup(
            version => version.Record.Id.Container, version => version.Record.Id.Interval);
        HashSet<ulong> containers = [.. set.Containers.Select(container => container.Id)];
        int dropped = 0;
        foreach (Core.Storage.ContainerRecord container in Containers)
        {
            StateInterval[] superseded =
            [
                .. History(container)
                    .Select(version => version.Interval)
                    .Where(interval => !kept[container.Id].Contains(interval.Value)),
            ];
            dropped += superseded.Length;
            if (!containers.Contains(container.Id))
            {
                Delete(container);
            }
            else if (superseded.Length > 0)
            {
                Discard(container, superseded);
            }
        }

        return dropped;
    }
}

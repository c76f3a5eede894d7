using System.Runtime.InteropServices;
using Runtime.Core;
using Runtime.Core.Storage;

namespace Runtime.Stores.Volumes;

/// <content>Making versions.</content>
public sealed partial class Volume
{
    /// <summary>Begins an interval of a container, on top of its head.</summary>
    /// <param name="container">Which.</param>
    /// <param name="interval">
    /// By default the one after the highest that was issued: committed, or of a draft that there still is.
    /// </param>
    /// <exception cref="KernelException"><see cref="Status.Busy"/> while there is another draft of it.</exception>
    /// <exception cref="VolumeException">The volume is read-only, or closed after a failed flush.</exception>
    public VersionDraft OpenDraft(ContainerRecord container, StateInterval? interval = null)
    {
        _store.ThrowIfClosedForWriting();
        using BlockStore.ReadPin pin = _store.Pin();
        ContainerEntry entry = Entry(container);
        StateInterval next = interval ?? HighestInterval(container).Next;
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(next.Value, entry.HighestInterval, nameof(interval));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(next.Value, VersionTable.MaxInterval, nameof(interval));

        // The head is not discarded, so the draft need not hold it open.
        VersionMap head = OpenMap(entry, entry.Head, isCounted: false);
        var draft = new VersionDraft(_store, _open, entry.Id, next, head, entry.Length);
        _open.Add(draft, isFirst: true);
        return draft;
    }

    /// <summary>Makes a draft the container's newest version and its head; durable when it returns.</summary>
    /// <returns>The version, open for reading: dispose it.</returns>
    /// <exception cref="VolumeException">
    /// It could not be saved; older versions are what they were, and the draft is open as before.
    /// </exception>
    /// <exception cref="KernelException">
    /// <see cref="Status.ContainerGone"/>, or <see cref="Status.Busy"/> if the container was restored meanwhile.
    /// </exception>
    /// <exception cref="InvalidOperationException">There is a draft below that is not committed.</exception>
    public VersionMap Commit(VersionDraft draft, DateTimeOffset time)
    {
        ArgumentNullException.ThrowIfNull(draft);
        return Commit([draft], time)[0];
    }

    /// <summary>Commits drafts of several containers together: all of them or, if it fails, none.</summary>
    /// <remarks>Commits that several threads ask for at the same time share their flushes.</remarks>
    /// <returns>The versions, in the same order, open for reading: dispose them.</returns>
    /// <inheritdoc cref="Commit(VersionDraft, DateTimeOffset)"/>
    public IReadOnlyList<VersionMap> Commit(IReadOnlyCollection<VersionDraft> drafts, DateTimeOffset time)
    {
        ArgumentNullException.ThrowIfNull(drafts);
        var request = new CommitRequest(drafts, time);
        var isSealed = new List<VersionDraft>();
        try
        {
            foreach (VersionDraft draft in drafts)
            {
                draft.Seal();
                isSealed.Add(draft);
            }

            _commits.Run(request, CommitTogether);
            request.ThrowIfFailed();
            return request.Versions!;
        }
        catch
        {
            isSealed.ForEach(draft => draft.Unseal());
            throw;
        }
    }

    /// <summary>
    /// Makes one commit of all who wait; if that cannot be, one of each, so that each fails by itself.
    /// </summary>
    private void CommitTogether(Func<IReadOnlyList<CommitRequest>> take)
    {
        IReadOnlyList<CommitRequest>? group = null;
        try
        {
            using Transaction transaction = Begin();
            Commit(transaction, group = take());
        }
        catch (Exception failure) when (group is [var only])
        {
            only.Fail(failure);
        }
        catch (Exception) when (group is not null)
        {
            foreach (CommitRequest request in group)
            {
                CommitAlone(request);
            }
        }
    }

    private void CommitAlone(CommitRequest request)
    {
        try
        {
            using Transaction transaction = Begin();
            Commit(transaction, [request]);
        }
#pragma warning disable CA1031 // Another thread waits for it: whatever it is, it is thrown there.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            request.Fail(failure);
        }
    }

    private void Commit(Transaction transaction, IReadOnlyList<CommitRequest> group)
    {
        List<VersionRecord[]> versions = [.. group.Select(request =>
            request.Drafts.Select(draft => Append(transaction, draft, request.Time)).ToArray())];
        Commit(transaction);
        foreach ((CommitRequest request, VersionRecord[] made) in group.Zip(versions))
        {
            request.Complete([.. request.Drafts.Zip(made, Become)]);
        }
    }

    /// <summary>Adds a draft's version to the transaction, after its container's head.</summary>
    private VersionRecord Append(Transaction transaction, VersionDraft draft, DateTimeOffset time)
    {
        DraftContent content = draft.Content();
        ContainerEntry entry = transaction.Find(draft.ContainerId) is { IsDeleted: false } found
            ? found
            : throw new KernelException(Status.ContainerGone, "the container was deleted");
        VersionRecord? head = entry.Head == 0 ? null : transaction.Versions.Get(new VersionId(entry.Id, entry.Head));
        if ((head?.Birth ?? 0) != content.BaseBirth || draft.Interval.Value <= entry.HighestInterval)
        {
            throw new KernelException(
                Status.Busy, $"interval {draft.Interval} of '{entry.Name}' is not based on the container's head");
        }

        transaction.Put(entry with
        {
            Head = draft.Interval.Value,
            HighestInterval = draft.Interval.Value,
            Length = content.Length,
        });
        return Append(transaction, draft, content, head, time, content.Pages.Count);
    }

    /// <summary>Adds a draft's version to the transaction, after any version of any container.</summary>
    private VersionRecord Append(
        Transaction transaction,
        VersionDraft draft,
        DraftContent content,
        VersionRecord? parent,
        DateTimeOffset time,
        long pagesChanged)
    {
        var dead = new List<DeadEntry>();
        var update = new TreeUpdate(
            _store.Reader,
            transaction.Writer,
            draft.Birth,
            superseded: old => dead.Add(new DeadEntry(old.Block, old.Birth)));
        TreeRoot map = update.Set(
            parent?.Map ?? TreeRoot.Empty, CollectionsMarshal.AsSpan(content.Pages), content.Keep);
        var version = new VersionRecord(
            new VersionId(draft.ContainerId, draft.Interval.Value),
            draft.Birth,
            IsHidden: false,
            time.UtcDateTime,
            content.Length,
            pagesChanged,
            map,
            transaction.DeadLists.Append(DeadList.Empty, dead),
            Parent: parent?.Id ?? VersionId.None);
        transaction.Adopt(content.Blocks);
        transaction.DeadDelta += dead.Count;
        transaction.Versions.Add(version);
        return version;
    }

    private VersionMap Become(VersionDraft draft, VersionRecord version)
    {
        draft.Become(new VersionMap(_store, version, version.Id, version.Length, open: null));
        _open.TryOpen(version.Id);
        return new VersionMap(_store, version, version.Id, version.Length, _open);
    }
}

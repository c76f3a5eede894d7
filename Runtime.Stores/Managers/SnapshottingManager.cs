using System.Collections.Concurrent;
using Runtime.Core;
using Runtime.Core.Managers;
using Runtime.Core.Snapshots;
using Runtime.Core.Storage;
using Runtime.Stores.Volumes;

namespace Runtime.Stores.Managers;

/// <summary>
/// Keeps containers on a volume: pages are read from it on demand and ahead of demand, every cut becomes a durable
/// version, and pages that leave memory before their interval is cut wait there for the cut.
/// </summary>
/// <remarks>
/// Thread safe; faults on different pages read beside each other. The volume stays its opener's to dispose.
/// </remarks>
public sealed class SnapshottingManager : Manager
{
    private readonly Volume _volume;
    private readonly SnapshottingOptions _options;
    private readonly ConcurrentDictionary<Token, OpenedContainer> _containers = new();
    private readonly Prefetcher _prefetcher;
    private readonly PageBatches _saved = new();                    // the savers'
    private readonly PageBatch _discarded = new();                  // whoever reclaims memory, one at a time
    private ulong _lastToken;

    /// <summary>Creates the manager of a volume's containers.</summary>
    public SnapshottingManager(Volume volume, SnapshottingOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(volume);
        _volume = volume;
        _options = options ?? new SnapshottingOptions();
        _prefetcher = new Prefetcher(token => _containers.GetValueOrDefault(token));
    }

    /// <inheritdoc/>
    protected override ManagedContainer OpenContainer(ContainerRecord container, StateInterval? version)
    {
        var token = new Token(Interlocked.Increment(ref _lastToken));
        OpenedContainer opened = Open(container, version);
        _containers[token] = opened;
        _prefetcher.Pages = Pages;
        return new ManagedContainer(token, opened.Length, opened.NextInterval)
        {
            Baseline = _volume.HeadOf(container),
        };
    }

    /// <inheritdoc/>
    /// <remarks>Allocates nothing once the nodes that lead to the page are in the volume's cache.</remarks>
    protected override Status ContainerFault(in PageFault fault)
    {
        if (!_containers.TryGetValue(fault.Container, out OpenedContainer? container))
        {
            return Status.NotYourContainer;
        }

        container.ReadPage(fault.Page, fault.Memory);
        fault.Install();
        ulong page = fault.Page.Value;
        ulong unit = (ulong)_options.TransferUnit;
        if (unit > 1)
        {
            Bring(container, fault.Container, page - (page % unit), page - (page % unit) + unit);
        }

        // Pages that are read are brought in by few requests; those to be written are better opened one by one.
        int requested = fault.RequestedLength / PageNumber.Size;
        if (requested > 1 && fault.Access == Access.Read)
        {
            Bring(container, fault.Container, page + 1, page + (ulong)requested);
        }

        if (_options.ReadAhead > 0
            && container.ReadAhead.TryPlan((long)fault.Page.Value, Depth, out ReadAheadPlan plan))
        {
            _prefetcher.Post(fault.Container, plan);
        }

        return Status.Success;
    }

    /// <inheritdoc/>
    protected override Status ContainerSnapshot(in SnapshotCut cut) => Writable(cut.Container, out OpenedWriter? writer)
        ? writer!.Cut(cut)
        : Status.PermissionDenied;

    /// <inheritdoc/>
    protected override Status ContainerStabiliseRequest(in StabiliseRequest request)
    {
        if (!Writable(request.Container, out OpenedWriter? writer))
        {
            return Status.PermissionDenied;
        }

        VersionDraft draft = writer!.Find(request.Interval).Draft;
        PageBatch batch = _saved.Rent();
        while (request.TryNext(PageBatch.Most))
        {
            for (int i = 0; i < request.Count; i++)
            {
                batch.Add(request.Page(i), request.Memory(i));
            }

            batch.WriteTo(draft);
            request.MarkSaved();
        }

        _saved.Return(batch);
        if (!request.IsJoint)
        {
            writer.Complete(request.Interval, _volume.Commit(draft, request.Info.Time));
        }

        return Status.Success;
    }

    /// <inheritdoc/>
    protected override bool CommitsTogether => true;

    /// <inheritdoc/>
    protected override Status CommitTogether(IReadOnlyList<CommitMember> members)
    {
        var writers = new OpenedWriter[members.Count];
        var drafts = new VersionDraft[members.Count];
        for (int i = 0; i < drafts.Length; i++)
        {
            if (!Writable(members[i].Container, out OpenedWriter? writer))
            {
                return Status.PermissionDenied;
            }

            writers[i] = writer!;
            drafts[i] = writer!.Find(members[i].Info.Interval).Draft;
        }

        IReadOnlyList<VersionMap> versions = _volume.Commit(drafts, members[0].Info.Time);
        for (int i = 0; i < drafts.Length; i++)
        {
            writers[i].Complete(members[i].Info.Interval, versions[i]);
        }

        return Status.Success;
    }

    /// <inheritdoc/>
    protected override void SnapshotAbandoned(Token container, StateInterval interval)
    {
        if (Writable(container, out OpenedWriter? writer))
        {
            writer!.Abandon(interval);
        }
    }

    /// <inheritdoc/>
    protected override void PageDiscard(in DiscardRequest request)
    {
        while (request.TryNext())
        {
            _discarded.Clear();
            for (int i = 0; i < request.Count; i++)
            {
                if (request.IsDirty(i))
                {
                    _discarded.Add(request.Page(i), request.Memory(i));
                }
            }

            if (_discarded.Count > 0 && Writable(request.Container, out OpenedWriter? writer))
            {
                _discarded.WriteTo(writer!.Draft);
                for (int i = 0; i < request.Count; i++)
                {
                    request.MarkSaved(i);
                }
            }

            request.Discard();
        }
    }

    /// <inheritdoc/>
    protected override Status ContainerResize(Token container, long length)
    {
        if (!Writable(container, out OpenedWriter? writer))
        {
            return Status.PermissionDenied;
        }

        writer!.Draft.Length = length;
        return Status.Success;
    }

    /// <inheritdoc/>
    protected override long RestoreContainer(Token container, StateInterval version) =>
        Writable(container, out OpenedWriter? writer)
            ? writer!.Restore(version)
            : throw new KernelException(Status.PermissionDenied, "a container that is read-only cannot go back");

    /// <inheritdoc/>
    protected override bool SupportsRollback => true;

    /// <inheritdoc/>
    protected override Status ContRollback(Token container, StateInterval interval)
    {
        if (!Writable(container, out OpenedWriter? writer))
        {
            return Status.PermissionDenied;
        }

        writer!.Rollback(interval);
        return Status.Success;
    }

    /// <inheritdoc/>
    protected override ContainerRecord CloneContainer(ContainerRecord source, StateInterval? version, string name) =>
        _volume.Clone(source, version, name);

    /// <inheritdoc/>
    protected override void DiscardVersions(ContainerRecord container, IReadOnlyCollection<StateInterval> versions) =>
        _volume.Discard(container, versions);

    /// <inheritdoc/>
    protected override IReadOnlyList<SnapshotInfo> History(ContainerRecord container) =>
        FindWriter(container) is { } writer ? writer.History() : _volume.History(container);

    /// <inheritdoc/>
    protected override void CloseContainer(Token container)
    {
        if (_containers.TryRemove(container, out OpenedContainer? closed))
        {
            closed.Dispose();
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _prefetcher.Dispose();
        base.Dispose(disposing);
    }

    // Some, but never so much that what it brings in drives out what is in use.
    private int Depth => (int)Math.Clamp(Pages.Limit / 16, 1, _options.ReadAhead);

    private OpenedContainer Open(ContainerRecord container, StateInterval? version)
    {
        if (version is null)
        {
            return _volume.IsReadOnly
                ? new OpenedVersion(_volume.OpenMap(container))
                : new OpenedWriter(_volume, container);
        }

        // A version that is not saved yet is read through the container that took it.
        return FindWriter(container)?.TryOpen(version.Value) is { } pending
            ? pending
            : new OpenedVersion(_volume.OpenMap(container, version));
    }

    private OpenedWriter? FindWriter(ContainerRecord container)
    {
        foreach (OpenedContainer opened in _containers.Values)
        {
            if (opened is OpenedWriter writer && writer.Record.Id == container.Id)
            {
                return writer;
            }
        }

        return null;
    }

    private bool Writable(Token container, out OpenedWriter? writer)
    {
        writer = _containers.GetValueOrDefault(container) as OpenedWriter;
        return writer is not null;
    }

    /// <summary>Pages beside the one that faulted come with it, as far as they are absent.</summary>
    private void Bring(OpenedContainer container, Token token, ulong first, ulong end)
    {
        for (ulong next = first; next < end;)
        {
            if (!Pages.TryClaim(token, new PageNumber(next), (int)(end - next), out PageRun run))
            {
                next++;
                continue;
            }

            using (run)
            {
                next += (ulong)run.Count;
                if (TryRead(container, run))
                {
                    run.Install();
                    continue;
                }
            }

            return;
        }
    }

    /// <summary>Nobody has asked for these pages: whoever does will be told what is wrong with them.</summary>
    private static bool TryRead(OpenedContainer container, in PageRun run)
    {
        try
        {
            container.ReadPages(run.First, run.Memory);
            return true;
        }
        catch (VolumeException)
        {
            return false;
        }
    }
}

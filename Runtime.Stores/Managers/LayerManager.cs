using System.Collections.Concurrent;
using System.Globalization;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Managers;
using Runtime.Core.Snapshots;
using Runtime.Core.Storage;
using Runtime.Native;

namespace Runtime.Stores.Managers;

/// <summary>
/// What managers share that keep a container, in another form, in a *backing container* of another manager.
/// </summary>
/// <remarks>
/// Thread safe. A snapshot of the container is the backing container's snapshot of the same number, so it is durable,
/// opened, restored and discarded as that one is. What the open interval has written stays in memory until it is saved.
/// The backing container of the container with the id 7 is <c>.layer/7</c>; it goes when another of the manager's
/// containers is opened after that one is gone. Source: docs/design.md, "The life of a page in layers".
/// </remarks>
public abstract class LayerManager : Manager
{
    private const string ClonePrefix = BackingContainers.NamePrefix + "clone-";

    // Addresses for a container that becomes longer while it is open.
    private const long RoomToGrow = 1L << 30;

    private readonly ConcurrentDictionary<Token, OpenedLayer> _opened = new();
    private readonly string _below;
    private readonly LayerLayout _layout;
    private readonly ushort _kind;
    private ulong _lastToken;
    private volatile bool _hasCloned;

    private protected LayerManager(LayerOptions options, LayerLayout layout, ushort kind)
    {
        ArgumentException.ThrowIfNullOrEmpty(options.Below);
        _below = options.Below;
        _layout = layout;
        _kind = kind;
    }

    /// <summary>Makes the codec of a container that is being opened; refuses what it cannot read.</summary>
    private protected abstract LayerCodec CreateCodec(ContainerRecord container, Container backing, LayerHeader header);

    /// <inheritdoc/>
    /// <remarks>A version that is not saved yet is waited for.</remarks>
    protected override ManagedContainer OpenContainer(ContainerRecord container, StateInterval? version)
    {
        ArgumentNullException.ThrowIfNull(container);
        Container backing = version is { } interval ? OpenVersion(container, interval) : OpenNewest(container);
        try
        {
            LayerHeader header = LayerHeader.Read(backing, _kind);
            var opened = new OpenedLayer(
                container, backing, header, CreateCodec(container, backing, header), _layout);
            var token = new Token(Interlocked.Increment(ref _lastToken));
            _opened[token] = opened;
            return new ManagedContainer(token, opened.Length, backing.Interval);
        }
        catch
        {
            backing.Abandon();
            throw;
        }
    }

    /// <inheritdoc/>
    protected override Status ContainerFault(in PageFault fault)
    {
        if (!_opened.TryGetValue(fault.Container, out OpenedLayer? opened))
        {
            return Status.NotYourContainer;
        }

        opened.Supply(fault);
        return Status.Success;
    }

    /// <inheritdoc/>
    protected override Status ContainerSnapshot(in SnapshotCut cut)
    {
        if (!_opened.TryGetValue(cut.Container, out OpenedLayer? opened))
        {
            return Status.NotYourContainer;
        }

        opened.Cut(cut.Info);
        return Status.Success;
    }

    /// <inheritdoc/>
    /// <remarks>Pages stay unsaved, and so in memory, until all of them are: none is asked for meanwhile.</remarks>
    protected override Status ContainerStabiliseRequest(in StabiliseRequest request)
    {
        if (!_opened.TryGetValue(request.Container, out OpenedLayer? opened))
        {
            return Status.NotYourContainer;
        }

        opened.Write(request);
        Backing.Save(opened.Backing, request.Interval, request.Info.Time);
        opened.Complete(request.Interval);
        return Status.Success;
    }

    /// <inheritdoc/>
    protected override void SnapshotAbandoned(Token container, StateInterval interval)
    {
        if (_opened.TryGetValue(container, out OpenedLayer? opened))
        {
            opened.Abandon(interval);
        }
    }

    /// <inheritdoc/>
    protected override Status ContainerResize(Token container, long length) =>
        _opened.TryGetValue(container, out OpenedLayer? opened) ? opened.Resize(length) : Status.NotYourContainer;

    /// <inheritdoc/>
    protected override long RestoreContainer(Token container, StateInterval version)
    {
        OpenedLayer opened = _opened[container];
        opened.Backing.Restore(version);
        return opened.Length;
    }

    /// <inheritdoc/>
    protected override ContainerRecord CloneContainer(ContainerRecord source, StateInterval? version, string name)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (Backing.Find(name) is not null)
        {
            throw new KernelException(Status.AlreadySet, $"there is a container '{name}' already");
        }

        // Under its own name only when all is there: a crash leaves nothing that looks like a clone.
        _hasCloned = true;
        long length = History(source).LastOrDefault(kept => version is null || kept.Interval == version)?.Length
            ?? source.Length;
        string hidden = ClonePrefix + Guid.NewGuid().ToString("N");
        ContainerRecord clone = Backing.Create(hidden, length, source.Manager);
        try
        {
            Backing.Clone(NameOf(source), NameOf(clone), version);
            Backing.Rename(hidden, name);
            return clone with { Name = name };
        }
        catch
        {
            TryDelete(NameOf(clone));
            TryDelete(hidden);
            throw;
        }
    }

    /// <inheritdoc/>
    protected override void DiscardVersions(ContainerRecord container, IReadOnlyCollection<StateInterval> versions) =>
        Backing.Discard(NameOf(container), versions);

    /// <inheritdoc/>
    /// <remarks>The numbers of pages are those that changed in the backing container.</remarks>
    protected override IReadOnlyList<SnapshotInfo> History(ContainerRecord container)
    {
        ArgumentNullException.ThrowIfNull(container);
        IReadOnlyList<SnapshotInfo> pending = FindOpened(container)?.Pending() ?? [];
        string name = NameOf(container);
        IReadOnlyList<SnapshotInfo> saved = Backing.Find(name) is null ? [] : Backing.History(name);
        StateInterval last = saved.Count > 0 ? saved[^1].Interval : default;
        return
        [
            .. saved.Select(info => info with { Length = _layout.Length(info.Length) }),
            .. pending.Where(info => info.Interval > last),
        ];
    }

    /// <inheritdoc/>
    protected override void CloseContainer(Token container)
    {
        if (_opened.TryRemove(container, out OpenedLayer? closed))
        {
            closed.Dispose();
        }
    }

    private static string NameOf(ContainerRecord container) => BackingContainers.NameFor(container.Id);

    private OpenedLayer? FindOpened(ContainerRecord container)
    {
        foreach (OpenedLayer opened in _opened.Values)
        {
            if (opened.Record.Id == container.Id && !opened.Backing.IsReadOnly)
            {
                return opened;
            }
        }

        return null;
    }

    private Container OpenVersion(ContainerRecord container, StateInterval interval)
    {
        FindOpened(container)?.WaitFor(interval);
        string name = NameOf(container);
        return Backing.Find(name) is not null
            ? Backing.OpenVersion(name, interval)
            : throw new KernelException(
                Status.NoSuchInterval, $"container '{container.Name}' has no version {interval}: it was never saved");
    }

    private Container OpenNewest(ContainerRecord container)
    {
        DeleteOrphans(container.Manager);
        string name = NameOf(container);
        long? length = Backing.Find(name) is null ? _layout.BackingLength(container.Length) : null;
        if (length > Section.LengthLimit)
        {
            throw new KernelException(
                Status.NoResources, $"container '{container.Name}' is too long for a layer: that takes {length} bytes");
        }

        long now = length is null && Backing.History(name) is [.., var newest]
            ? newest.Length
            : _layout.BackingLength(container.Length);
        return Backing.Open(name, length, _below, Math.Min(now + RoomToGrow, Section.LengthLimit));
    }

    /// <summary>Of containers that were deleted while they were closed, and of clones that came to nothing.</summary>
    private void DeleteOrphans(string manager)
    {
        bool isAnyGone;
        do
        {
            HashSet<ulong> ids = [.. Backing.All.Select(record => record.Id)];
            isAnyGone = false;
            foreach (ContainerRecord record in Backing.All)
            {
                isAnyGone |= IsOrphan(record, ids, manager) && TryDelete(record.Name);
            }
        }
        while (isAnyGone);                                          // it may have been a layer itself
    }

    private bool IsOrphan(ContainerRecord record, HashSet<ulong> ids, string manager)
    {
        if (!record.Name.StartsWith(BackingContainers.NamePrefix, StringComparison.Ordinal))
        {
            return false;
        }

        return record.Name.StartsWith(ClonePrefix, StringComparison.Ordinal)
            ? !_hasCloned && record.Manager == manager
            : ulong.TryParse(
                record.Name.AsSpan(BackingContainers.NamePrefix.Length),
                NumberStyles.None,
                CultureInfo.InvariantCulture,
                out ulong owner) && !ids.Contains(owner);
    }

    private bool TryDelete(string name)
    {
        try
        {
            Backing.Delete(name);
            return true;
        }
        catch (KernelException)
        {
            return false;                                           // open, gone, or on a volume that is read-only
        }
    }
}

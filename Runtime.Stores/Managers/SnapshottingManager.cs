using System.Collections.Concurrent;
using Runtime.Core;
using Runtime.Core.Managers;
using Runtime.Core.Snapshots;
using Runtime.Core.Storage;
using Runtime.Stores.Volumes;

namespace Runtime.Stores.Managers;

/// <summary>
/// Keeps containers on a volume: pages are read from it on demand, and every cut becomes a durable version.
/// </summary>
/// <remarks>
/// Thread safe; faults on different pages read beside each other. The volume stays its opener's to dispose.
/// </remarks>
public sealed class SnapshottingManager : Manager
{
    private readonly Volume _volume;
    private readonly ConcurrentDictionary<Token, OpenedContainer> _containers = new();
    private ulong _lastToken;

    /// <summary>Creates the manager of a volume's containers.</summary>
    public SnapshottingManager(Volume volume)
    {
        ArgumentNullException.ThrowIfNull(volume);
        _volume = volume;
    }

    /// <inheritdoc/>
    protected override ManagedContainer OpenContainer(ContainerRecord container, StateInterval? version)
    {
        VersionMap map = _volume.OpenMap(container, version);
        var token = new Token(Interlocked.Increment(ref _lastToken));
        _containers[token] = new OpenedContainer(container, map, isReadOnly: version is not null);
        return new ManagedContainer(token, map.Length, OpenInterval: _volume.HighestInterval(container).Next);
    }

    /// <inheritdoc/>
    /// <remarks>Allocates nothing once the nodes that lead to the page are in the volume's cache.</remarks>
    protected override Status ContainerFault(in PageFault fault)
    {
        if (!_containers.TryGetValue(fault.Container, out OpenedContainer? container))
        {
            return Status.NotYourContainer;
        }

        container.Map.ReadPage(fault.Page, fault.Memory);
        fault.Install();
        return Status.Success;
    }

    /// <inheritdoc/>
    protected override Status ContainerSnapshot(in SnapshotCut cut)
    {
        if (!_containers.TryGetValue(cut.Container, out OpenedContainer? container))
        {
            return Status.NotYourContainer;
        }

        if (container.IsReadOnly)
        {
            return Status.PermissionDenied;
        }

        using VolumeCommit commit = _volume.BeginCommit(container.Record, cut.Interval, cut.Time, cut.Length);
        IReadOnlyList<PageNumber> pages = cut.Pages;
        for (int i = 0; i < pages.Count; i++)
        {
            commit.Write(pages[i], cut.Read(pages[i]));
        }

        container.Map = commit.Complete();
        return Status.Success;
    }

    /// <inheritdoc/>
    protected override IReadOnlyList<SnapshotInfo> History(ContainerRecord container) => _volume.History(container);

    /// <inheritdoc/>
    protected override void CloseContainer(Token container) => _containers.TryRemove(container, out _);

    private sealed class OpenedContainer(ContainerRecord record, VersionMap map, bool isReadOnly)
    {
        private VersionMap _map = map;

        public ContainerRecord Record { get; } = record;

        public bool IsReadOnly { get; } = isReadOnly;

        /// <summary>The version that pages come from; faults read it while a snapshot moves it on.</summary>
        public VersionMap Map
        {
            get => Volatile.Read(ref _map);
            set => Volatile.Write(ref _map, value);
        }
    }
}

using System.Collections.Concurrent;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Disks;
using Runtime.Core.Managers;
using Runtime.Core.Snapshots;
using Runtime.Core.Storage;
using Runtime.Stores.Managers.SelfManaging;

namespace Runtime.Stores.Managers;

/// <summary>
/// Keeps containers on a disk of its own, and the tables that say where in a container that it manages itself: faults
/// on the tables are served by the same manager, and all that the kernel keeps for it is one root page.
/// </summary>
/// <remarks>
/// <para>
/// Of each container there is the newest snapshot only. Saving one writes its pages to free blocks, notes them in the
/// tables, and then cuts and saves these: the root page is the commit, for both together.
/// </para>
/// <para>
/// Thread safe; containers are saved one after the other. The disk stays its opener's to dispose, and belongs to this
/// manager alone. Source: docs/semantics.md, "Self-managing managers".
/// </para>
/// </remarks>
public sealed class SelfManagingManager : Manager
{
    /// <summary>The most bytes that one of its containers can have: 64 GiB.</summary>
    public const long MaximumLength = SelfTables.MaximumLength;

    /// <summary>How many containers it can have.</summary>
    public const int ContainerLimit = SelfTables.SlotCount;

    private const int PagesAtOnce = 64;
    private const int LeastReserve = 16;                            // the tables' map has leaves and directories, too
    private static readonly Token s_own = new(0);                    // others count from 1

    private readonly ConcurrentDictionary<Token, SelfManagedContainer> _containers = new();
    private readonly Lock _commit = new();                          // guards the tables, from a change to the cut
    private readonly IDisk _disk;
    private Container? _own;
    private SelfTables _tables = null!;                             // from the first container on, as what follows
    private DiskSpace _space = null!;
    private OwnMap _map = null!;
    private ulong _lastToken;

    /// <summary>Creates the manager of what is on a disk; an empty one is a disk with nothing on it.</summary>
    public SelfManagingManager(IDisk disk)
    {
        ArgumentNullException.ThrowIfNull(disk);
        _disk = disk;
    }

    /// <inheritdoc/>
    protected override ManagedContainer OpenContainer(ContainerRecord container, StateInterval? version)
    {
        if (container.Name == Backing.OwnName)
        {
            return new ManagedContainer(s_own, SelfTables.Length, new StateInterval(1));
        }

        if (version is { } older)
        {
            throw new KernelException(
                Status.NoSuchInterval, $"container '{container.Name}': of version {older} nothing can be opened");
        }

        BootOnce();
        if (container.Length > MaximumLength)
        {
            throw new KernelException(
                Status.NoResources,
                $"container '{container.Name}' has {container.Length} bytes; {MaximumLength} is the limit");
        }

        var opened = new SelfManagedContainer(_tables, _tables.FindOrAdd(container), container.Length);
        var token = new Token(Interlocked.Increment(ref _lastToken));
        _containers[token] = opened;
        return new ManagedContainer(token, opened.Length, opened.Newest.Next) { Baseline = opened.Newest };
    }

    /// <inheritdoc/>
    protected override Status ContainerFault(in PageFault fault)
    {
        ulong entry;
        if (fault.Container == s_own)
        {
            entry = _map.Find((long)fault.Page.Value);
        }
        else if (_containers.TryGetValue(fault.Container, out SelfManagedContainer? container))
        {
            entry = container.Find((long)fault.Page.Value);         // may fault in turn, on the tables
        }
        else
        {
            return Status.NotYourContainer;
        }

        BlockEntry.Read(_disk, entry, fault.Memory);
        fault.Install();
        return Status.Success;
    }

    /// <inheritdoc/>
    protected override Status ContainerSnapshot(in SnapshotCut cut)
    {
        if (cut.Container != s_own)
        {
            return Status.Success;
        }

        // The tables are cut by whoever has changed them, or by nobody else meanwhile.
        if (!_commit.TryEnter())
        {
            return Status.Busy;
        }

        _commit.Exit();
        return Status.Success;
    }

    /// <inheritdoc/>
    protected override Status ContainerStabiliseRequest(in StabiliseRequest request)
    {
        if (request.Container == s_own)
        {
            SaveTables(request);
            return Status.Success;
        }

        SelfManagedContainer container = _containers[request.Container];
        lock (_commit)
        {
            Write(request, _space.Allocate, (page, entry) => container.Hold(page, entry, _space));
            container.Apply(request.Info, _space);
            try
            {
                _space.Reserve(2 * _own!.Statistics.DirtyPages + LeastReserve);
                Backing.Save(_own, _own.Interval, request.Info.Time);
            }
            catch
            {
                container.Undo(_space);
                throw;
            }

            container.NoteSaved();
        }

        return Status.Success;
    }

    /// <inheritdoc/>
    protected override Status SnapshotIsRecoverable(Token container, StateInterval interval)
    {
        if (container == s_own)
        {
            _space.Release();                                       // nobody goes back to what was there before
        }

        return Status.Success;
    }

    /// <inheritdoc/>
    protected override Status ContainerResize(Token container, long length)
    {
        if (container == s_own || length > MaximumLength)
        {
            return container == s_own ? Status.NotSupported : Status.NoResources;
        }

        lock (_commit)
        {
            _containers[container].Resize(length, _space);
            return Status.Success;
        }
    }

    /// <inheritdoc/>
    protected override bool SupportsRollback => true;

    /// <inheritdoc/>
    protected override Status ContRollback(Token container, StateInterval interval)
    {
        lock (_commit)
        {
            SelfManagedContainer opened = _containers[container];
            opened.Forget(_space);
            return opened.Newest == interval ? Status.Success : Status.NoSuchInterval;
        }
    }

    /// <inheritdoc/>
    protected override IReadOnlyList<SnapshotInfo> History(ContainerRecord container)
    {
        if (container.Name == Backing.OwnName)
        {
            return [];
        }

        BootOnce();
        return _tables.HistoryOf(container.Id);
    }

    /// <inheritdoc/>
    protected override void CloseContainer(Token container)
    {
        if (_containers.TryRemove(container, out SelfManagedContainer? closed))
        {
            lock (_commit)
            {
                closed.Forget(_space);
            }
        }
    }

    /// <inheritdoc/>
    protected override void ContainerDestroyed(Token container)
    {
        if (_containers.TryGetValue(container, out SelfManagedContainer? destroyed))
        {
            lock (_commit)
            {
                destroyed.Forget(_space);
                _tables.Free(destroyed.Slot, _space);               // for the next commit to say
            }
        }
    }

    /// <summary>
    /// Opens the container of its tables, and finds them by the root page. The first container is opened under the
    /// kernel's lock, so that nobody else comes here.
    /// </summary>
    private void BootOnce()
    {
        if (_own is not null)
        {
            return;
        }

        _map = new OwnMap();
        Container own = Backing.OpenOwn(SelfTables.Length);
        Status status = Services.GetRootPage(s_own, out ulong root);
        if (status == Status.Success && root == ulong.MaxValue)
        {
            status = Services.MapRootPage(s_own, 0);
        }

        if (status != Status.Success)
        {
            own.Abandon();
            throw new KernelException(status, $"container '{own.Name}': no root page can be had: {status}");
        }

        try
        {
            _space = new DiskSpace(own.View, _disk);
            _map.Load(own.View, _disk, _space);
            _tables = new SelfTables(own.View);
            _own = own;
        }
        catch
        {
            own.Abandon();
            throw;
        }

        HashSet<ulong> there = [.. Backing.All.Select(container => container.Id)];
        _tables.FreeAllBut(there, _space);
    }

    /// <summary>The tables' own pages, then the map of these, then the root page, which the kernel keeps.</summary>
    private void SaveTables(in StabiliseRequest request)
    {
        Write(request, _space.AllocateForTables, (page, entry) => _map.Set(page, entry, _space));
        _map.Write(_disk, _space);
        _disk.Flush();
        _map.WriteRoot(_own!.View);
    }

    /// <summary>Writes pages to free blocks.</summary>
    private void Write(in StabiliseRequest request, Func<uint> allocate, Action<long, ulong> note)
    {
        var writer = new BlockWriter(_disk, PagesAtOnce);
        Span<ulong> entries = stackalloc ulong[PagesAtOnce];
        while (request.TryNext(PagesAtOnce))
        {
            for (int i = 0; i < request.Count; i++)
            {
                entries[i] = writer.Add(allocate(), request.Memory(i));
            }

            writer.Flush();
            for (int i = 0; i < request.Count; i++)
            {
                note((long)request.Page(i).Value, entries[i]);
            }

            request.MarkSaved();
        }
    }
}

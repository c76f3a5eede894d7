using System.Collections.Concurrent;
using Runtime.Core;
using Runtime.Core.Managers;
using Runtime.Core.Snapshots;
using Runtime.Core.Storage;

namespace Runtime.Tests.Core;

/// <summary>
/// The whole duty of a manager in memory: saves in the background, takes pages back before their interval is cut, and
/// keeps every version.
/// </summary>
internal sealed class VersionedManager : Manager
{
    /// <summary>Answers a request to look after a container.</summary>
    internal delegate Status RequestHandler(in ManagementRequest request, out bool success);

    /// <summary>Gives pages back, or not.</summary>
    internal delegate void DiscardHandler(in DiscardRequest request);

    /// <summary>Answers the first invocation of a container that is not open.</summary>
    internal delegate Status InvokeHandler(in ColdInvocation invocation, out InvokeSupport support);

    private readonly ConcurrentDictionary<ulong, Store> _stores;
    private readonly ConcurrentDictionary<Token, Opened> _opened = new();
    private ulong _lastToken;
    private int _closed;
    private int _abandoned;
    private bool _isDisposed;

    /// <param name="twin">Keeps what this one keeps, too.</param>
    internal VersionedManager(VersionedManager? twin = null) => _stores = twin?._stores ?? new();

    /// <summary>Called at each cut; anything but Success refuses it.</summary>
    internal Func<StateInterval, Status>? OnCut { get; set; }

    /// <summary>Called before each save, on the saver's thread; anything but Success fails it.</summary>
    internal Func<StateInterval, Status>? OnSave { get; set; }

    /// <summary>Whether containers that are cut together are committed together.</summary>
    internal bool Joins { get; set; }

    /// <summary>Called with those that are to be committed together; anything but Success fails them.</summary>
    internal Func<IReadOnlyList<CommitMember>, Status>? OnCommit { get; set; }

    /// <summary>Called before each change of a length.</summary>
    internal Func<long, Status>? OnResize { get; set; }

    /// <summary>Called before each fault is served.</summary>
    internal Action? OnFault { get; set; }

    /// <summary>Called before a version is restored.</summary>
    internal Action? OnRestore { get; set; }

    /// <summary>Called with each version that becomes the line; anything but Success is a failure.</summary>
    internal Func<StateInterval, Status>? OnRecoverable { get; set; }

    /// <summary>Called before the manager goes back; anything but Success is a failure.</summary>
    internal Func<StateInterval, Status>? OnRollback { get; set; }

    /// <summary>Overrides the declared level of what is opened.</summary>
    internal ServiceLevel Level { get; set; } = ServiceLevel.Snapshotting;

    /// <summary>The token of the container that was opened last.</summary>
    internal Token LastToken => new(Interlocked.Read(ref _lastToken));

    internal ManagerServices Calls => Services;

    /// <summary>In place of accepting every container.</summary>
    internal RequestHandler? OnRequest { get; set; }

    /// <summary>In place of having it loaded.</summary>
    internal InvokeHandler? OnInvoke { get; set; }

    /// <summary>In place of the next token.</summary>
    internal Func<Token>? OnToken { get; set; }

    /// <summary>How often it was told that the kernel is done with a container.</summary>
    internal int Closed => Volatile.Read(ref _closed);

    /// <summary>How often it was told that a snapshot has come to nothing.</summary>
    internal int Abandoned => Volatile.Read(ref _abandoned);

    /// <summary>Called before each page of a save.</summary>
    internal Action<PageNumber>? OnSavePage { get; set; }

    /// <summary>In place of giving pages back.</summary>
    internal DiscardHandler? OnDiscard { get; set; }

    /// <summary>Takes a page out of memory, as for want of it.</summary>
    internal Status TakeBack(Token container, ulong page)
    {
        Store store = _opened[container].Store;
        var content = new byte[PageNumber.Size];
        lock (store)
        {
            Status status = Services.LcdRemove(container, new PageNumber(page), content, out bool isDirty);
            if (isDirty)
            {
                store.Open.Pages[page] = content;
            }

            return status;
        }
    }

    /// <summary>Whether a page can be brought in without being asked for.</summary>
    internal bool TryClaim(Token container, ulong page)
    {
        if (!Pages.TryClaim(container, new PageNumber(page), 1, out PageRun run))
        {
            return false;
        }

        run.Dispose();
        return true;
    }

    protected internal override Status ManageRequest(in ManagementRequest request, out bool success) =>
        OnRequest is { } onRequest ? onRequest(request, out success) : base.ManageRequest(request, out success);

    protected internal override Status InvokeNoSupport(in ColdInvocation invocation, out InvokeSupport support) =>
        OnInvoke is { } onInvoke ? onInvoke(invocation, out support) : base.InvokeNoSupport(invocation, out support);

    protected internal override void CloseContainer(Token container)
    {
        Interlocked.Increment(ref _closed);
        if (_opened.TryRemove(container, out Opened? closed) && closed.Version is null)
        {
            lock (closed.Store)
            {
                closed.Store.Drafts.RemoveAll(draft => draft is { Info: not null, IsSaved: false });
            }
        }
    }

    protected override void Dispose(bool disposing)
    {
        _isDisposed = true;
        base.Dispose(disposing);
    }

    protected internal override ManagedContainer OpenContainer(ContainerRecord container, StateInterval? version)
    {
        Store store = _stores.GetOrAdd(container.Id, _ => new Store());
        Token token = OnToken?.Invoke() ?? new Token(Interlocked.Increment(ref _lastToken));
        lock (store)
        {
            Draft? draft = version is { } interval
                ? store.Drafts.Find(draft => draft.Interval == interval)
                    ?? throw new KernelException(Status.NoSuchInterval, $"no version {interval}")
                : null;
            _opened[token] = new Opened(store, draft);
            long length = (draft ?? store.Drafts.FindLast(draft => draft.Info is not null))?.Info!.Length
                ?? container.Length;
            return new ManagedContainer(token, length, store.Open.Interval)
            {
                Baseline = store.Drafts.FindLast(draft => draft.Info is not null)?.Interval ?? default,
                Level = Level,
            };
        }
    }

    protected internal override Status ContainerFault(in PageFault fault)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        OnFault?.Invoke();
        Opened opened = _opened[fault.Container];
        opened.Store.Read(opened.Version, fault.Page, fault.Memory);
        fault.Install();
        return Status.Success;
    }

    protected internal override Status ContainerSnapshot(in SnapshotCut cut)
    {
        Status status = OnCut?.Invoke(cut.Interval) ?? Status.Success;
        if (status != Status.Success)
        {
            return status;
        }

        Store store = _opened[cut.Container].Store;
        lock (store)
        {
            store.Drafts[^1].Interval = cut.Interval;               // others may have been burnt
            store.Drafts[^1].Volatile = cut.Volatile;
            store.Drafts[^1].Info = cut.Info;
            store.Drafts.Add(new Draft(cut.Interval.Next));
            return Status.Success;
        }
    }

    protected internal override Status ContainerStabiliseRequest(in StabiliseRequest request)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        Store store = _opened[request.Container].Store;
        Status answer = OnSave?.Invoke(request.Interval) ?? Status.Success;
        if (answer is not (Status.Success or Status.Accepted))
        {
            return answer;
        }

        StateInterval interval = request.Interval;
        Draft draft;
        lock (store)
        {
            draft = store.Drafts.First(draft => draft.Interval == interval);
        }

        while (request.TryNext(most: 3))
        {
            OnSavePage?.Invoke(request.Page(0));
            for (int i = 0; i < request.Count; i++)
            {
                draft.Pages[request.Page(i).Value] = request.Memory(i).ToArray();
            }

            request.MarkSaved();
        }

        draft.IsSaved = true;
        return answer;
    }

    protected internal override bool CommitsTogether => Joins;

    protected internal override Status CommitTogether(IReadOnlyList<CommitMember> members) =>
        OnCommit?.Invoke(members) ?? Status.Success;

    protected internal override Status SnapshotIsRecoverable(Token container, StateInterval interval) =>
        OnRecoverable?.Invoke(interval) ?? Status.Success;

    protected internal override bool SupportsRollback => true;

    protected internal override Status ContRollback(Token container, StateInterval interval)
    {
        Status status = OnRollback?.Invoke(interval) ?? Status.Success;
        Store store = _opened[container].Store;
        lock (store)
        {
            int index = store.Drafts.FindIndex(draft => draft.Interval == interval);
            if (status == Status.Success)
            {
                store.Drafts.RemoveRange(index + 1, store.Drafts.Count - index - 1);
                store.Drafts.Add(new Draft(interval.Next));
            }
        }

        return status;
    }

    protected internal override void SnapshotAbandoned(Token container, StateInterval interval)
    {
        Interlocked.Increment(ref _abandoned);
        Store store = _opened[container].Store;
        lock (store)
        {
            int index = store.Drafts.FindIndex(draft => draft.Interval == interval);
            foreach ((ulong page, byte[] content) in store.Drafts[index].Pages)
            {
                if (page < store.Drafts[index + 1].ZeroFrom)
                {
                    store.Drafts[index + 1].Pages.TryAdd(page, content);
                }
            }

            store.Drafts[index + 1].ZeroFrom = Math.Min(store.Drafts[index + 1].ZeroFrom, store.Drafts[index].ZeroFrom);

            store.Drafts.RemoveAt(index);
        }
    }

    protected internal override Status ContainerResize(Token container, long length)
    {
        Store store = _opened[container].Store;
        Status status = OnResize?.Invoke(length) ?? Status.Success;
        if (status != Status.Success)
        {
            return status;
        }

        lock (store)
        {
            ulong end = (ulong)PageNumber.CountFor(length);
            foreach (ulong page in store.Open.Pages.Keys.Where(page => page >= end))
            {
                store.Open.Pages.TryRemove(page, out _);
            }

            store.Open.ZeroFrom = Math.Min(store.Open.ZeroFrom, end);
            return Status.Success;
        }
    }

    protected internal override long RestoreContainer(Token container, StateInterval version)
    {
        OnRestore?.Invoke();
        Store store = _opened[container].Store;
        lock (store)
        {
            Draft restored = store.Drafts.First(draft => draft.Interval == version);
            foreach (ulong page in store.AllPages())
            {
                var content = new byte[PageNumber.Size];
                store.Read(restored, new PageNumber(page), content);
                store.Open.Pages[page] = content;
            }

            return restored.Info!.Length;
        }
    }

    protected internal override void PageDiscard(in DiscardRequest request)
    {
        if (OnDiscard is { } onDiscard)
        {
            onDiscard(request);
            return;
        }

        while (request.TryNext())
        {
            Draft open = _opened[request.Container].Store.Open;
            for (int i = 0; i < request.Count; i++)
            {
                if (request.IsDirty(i))
                {
                    open.Pages[request.Page(i).Value] = request.Memory(i).ToArray();
                    request.MarkSaved(i);
                }
            }

            request.Discard();
        }
    }

    protected internal override IReadOnlyList<SnapshotInfo> History(ContainerRecord container)
    {
        Store store = _stores.GetOrAdd(container.Id, _ => new Store());
        lock (store)
        {
            return [.. store.Drafts.Select(draft => draft.Info).OfType<SnapshotInfo>()];
        }
    }

    private sealed class Draft(StateInterval interval)
    {
        public StateInterval Interval { get; set; } = interval;

        public ConcurrentDictionary<ulong, byte[]> Pages { get; } = new();

        /// <summary>What lies from here on in the drafts below was cut off.</summary>
        public ulong ZeroFrom { get; set; } = ulong.MaxValue;

        public VolatileSnapshot? Volatile { get; set; }

        public SnapshotInfo? Info { get; set; }

        public bool IsSaved { get; set; }
    }

    private sealed record Opened(Store Store, Draft? Version);

    private sealed class Store
    {
        /// <summary>Every interval from the first on; the last is open.</summary>
        public List<Draft> Drafts { get; } = [new Draft(new StateInterval(1))];

        public Draft Open
        {
            get
            {
                lock (this)
                {
                    return Drafts[^1];
                }
            }
        }

        public List<ulong> AllPages() => [.. Drafts.SelectMany(draft => draft.Pages.Keys).Distinct()];

        public void Read(Draft? version, PageNumber page, Span<byte> destination)
        {
            lock (this)
            {
                for (int i = version is null ? Drafts.Count - 1 : Drafts.IndexOf(version); i >= 0; i--)
                {
                    if (version is not null && Drafts[i].Volatile!.TryRead(page, destination))
                    {
                        return;
                    }

                    if (Drafts[i].Pages.TryGetValue(page.Value, out byte[]? content))
                    {
                        content.CopyTo(destination);
                        return;
                    }

                    if (page.Value >= Drafts[i].ZeroFrom)
                    {
                        return;
                    }
                }
            }
        }
    }
}

using System.Runtime.InteropServices;
using Runtime.Core;
using Runtime.Core.Managers;
using Runtime.Core.Snapshots;
using Runtime.Core.Storage;

namespace Runtime.Tests.Core.Managers;

/// <summary>A manager that awaits whatever a test wants; each page begins with its own number.</summary>
internal sealed class TaskManager : AsyncManager
{
    private readonly Lock _lock = new();                            // guards _history
    private readonly List<SnapshotInfo> _history = [];
    private int _requests;

    internal Func<PageRequest, ValueTask<Status>>? OnRequest { get; set; }

    internal int Requests => Volatile.Read(ref _requests);

    internal static Status Supply(PageRequest request)
    {
        Span<byte> pages = request.Memory.Span;
        for (int page = 0; page < pages.Length / PageNumber.Size; page++)
        {
            MemoryMarshal.Write(pages[(page * PageNumber.Size)..], request.Page.Value + (ulong)page);
        }

        return Status.Success;
    }

    protected internal override ValueTask<Status> ContainerFaultAsync(PageRequest request)
    {
        Interlocked.Increment(ref _requests);
        return OnRequest?.Invoke(request) ?? new ValueTask<Status>(Supply(request));
    }

    protected internal override ManagedContainer OpenContainer(ContainerRecord container, StateInterval? version) =>
        new(new Token(container.Id), container.Length, new StateInterval(1));

    protected internal override Status ContainerSnapshot(in SnapshotCut cut)
    {
        lock (_lock)
        {
            _history.Add(cut.Info);
            return Status.Success;
        }
    }

    protected internal override bool SupportsRollback => true;

    protected internal override Status ContRollback(Token container, StateInterval interval) => Status.Success;

    protected internal override Status ContainerResize(Token container, long length) => Status.Success;

    protected internal override IReadOnlyList<SnapshotInfo> History(ContainerRecord container)
    {
        lock (_lock)
        {
            return [.. _history];
        }
    }
}

using System.Buffers.Binary;
using System.Collections.Concurrent;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Managers;
using Runtime.Core.Snapshots;
using Runtime.Core.Storage;

namespace Runtime.Tests.Core;

/// <summary>
/// A manager that a test can bend: by default each page begins with its own number and keeps what is snapshotted.
/// </summary>
internal sealed class TestManager : Manager
{
    internal delegate Status FaultServer(in PageFault fault, ContainerRecord container);

    private readonly ConcurrentDictionary<Token, ContainerRecord> _containers = new();
    private readonly ConcurrentDictionary<(ulong Container, ulong Page), byte[]> _saved = new();
    private readonly ConcurrentDictionary<ulong, List<SnapshotInfo>> _history = new();
    private int _upcalls;

    internal ManagerServices Calls => Services;

    internal int Upcalls => Volatile.Read(ref _upcalls);

    internal FaultServer? OnFault { get; set; }

    internal Func<StateInterval, Status>? OnSnapshot { get; set; }

    /// <summary>Called when a container is being destroyed.</summary>
    internal Action? OnDestroyed { get; set; }

    /// <summary>The names of the containers of whose destruction it was told.</summary>
    internal ConcurrentQueue<string> Destroyed { get; } = new();

    internal Action? OnAdvised { get; set; }

    /// <summary>What programs have said of its containers.</summary>
    internal ConcurrentQueue<(Token, PageNumber, long, AccessPattern)> Advice { get; } = new();

    internal void Supply(in PageFault fault)
    {
        ulong id = fault.Container.Value;
        if (_saved.TryGetValue((id, fault.Page.Value), out byte[]? saved))
        {
            saved.CopyTo(fault.Memory);
        }
        else
        {
            BinaryPrimitives.WriteUInt64LittleEndian(fault.Memory, fault.Page.Value);
        }

        fault.Install();
    }

    protected internal override ManagedContainer OpenContainer(ContainerRecord container, StateInterval? version)
    {
        var token = new Token(container.Id);
        _containers[token] = container;
        int snapshots = _history.TryGetValue(container.Id, out List<SnapshotInfo>? history) ? history.Count : 0;
        return new ManagedContainer(token, container.Length, new StateInterval((ulong)snapshots + 1));
    }

    protected internal override Status ContainerFault(in PageFault fault)
    {
        Interlocked.Increment(ref _upcalls);
        if (OnFault is { } server)
        {
            return server(in fault, _containers[fault.Container]);
        }

        Supply(in fault);
        return Status.Success;
    }

    protected internal override Status ContainerSnapshot(in SnapshotCut cut)
    {
        Status status = OnSnapshot?.Invoke(cut.Interval) ?? Status.Success;
        if (status != Status.Success)
        {
            return status;
        }

        foreach (PageNumber page in cut.Pages)
        {
            _saved[(cut.Container.Value, page.Value)] = cut.Read(page).ToArray();
        }

        _history.GetOrAdd(cut.Container.Value, _ => [])
            .Add(cut.Info);
        return Status.Success;
    }

    protected internal override void ContainerAdvised(
        Token container, PageNumber first, long count, AccessPattern pattern)
    {
        Advice.Enqueue((container, first, count, pattern));
        OnAdvised?.Invoke();
    }

    protected internal override void ContainerDestroyed(Token container)
    {
        Destroyed.Enqueue(_containers[container].Name);
        OnDestroyed?.Invoke();
    }

    protected internal override IReadOnlyList<SnapshotInfo> History(ContainerRecord container) =>
        _history.GetValueOrDefault(container.Id) ?? [];
}

using System.Collections.Concurrent;
using Runtime.Core;
using Runtime.Core.Managers;
using Runtime.Core.Snapshots;
using Runtime.Core.Storage;

namespace Runtime.Tests.Core.Memory;

/// <summary>
/// Keeps versions, but takes nothing back before its interval is cut: of pages that are wanted it gives clean ones
/// only, or does what the test says.
/// </summary>
internal sealed class PressedManager : Manager
{
    /// <summary>Gives pages back, or not.</summary>
    internal delegate void DiscardHandler(in DiscardRequest request);

    private readonly ConcurrentDictionary<Token, ulong> _containers = new();
    private readonly ConcurrentDictionary<(ulong Container, ulong Page), byte[]> _saved = new();
    private readonly ConcurrentDictionary<ulong, List<SnapshotInfo>> _history = new();
    private ulong _lastToken;
    private int _faults;
    private int _discards;

    /// <summary>How many pages it was asked to supply.</summary>
    internal int Faults => Volatile.Read(ref _faults);

    /// <summary>How often it was asked for pages.</summary>
    internal int Discards => Volatile.Read(ref _discards);

    /// <summary>In place of giving clean pages back.</summary>
    internal DiscardHandler? OnDiscard { get; set; }

    /// <summary>Whether it reads every page at the cut, or saves them later.</summary>
    internal bool ReadsAtCut { get; set; }

    /// <summary>Called at each cut; anything but Success refuses it.</summary>
    internal Func<Status>? OnCut { get; set; }

    /// <summary>Called before each save; anything but Success fails it.</summary>
    internal Func<Status>? OnSave { get; set; }

    /// <summary>What was saved of a page last; zeroes if it never was.</summary>
    internal byte[] Saved(ulong container, ulong page) =>
        _saved.GetValueOrDefault((container, page)) ?? new byte[PageNumber.Size];

    protected internal override ManagedContainer OpenContainer(ContainerRecord container, StateInterval? version)
    {
        var token = new Token(Interlocked.Increment(ref _lastToken));
        _containers[token] = container.Id;
        return new ManagedContainer(token, container.Length, new StateInterval(1));
    }

    protected internal override Status ContainerFault(in PageFault fault)
    {
        Interlocked.Increment(ref _faults);
        if (_saved.TryGetValue((_containers[fault.Container], fault.Page.Value), out byte[]? saved))
        {
            saved.CopyTo(fault.Memory);
        }

        fault.Install();
        return Status.Success;
    }

    protected internal override Status ContainerSnapshot(in SnapshotCut cut)
    {
        if (OnCut?.Invoke() is { } refusal and not Status.Success)
        {
            return refusal;
        }

        if (ReadsAtCut)
        {
            foreach (PageNumber page in cut.Pages)
            {
                _saved[(_containers[cut.Container], page.Value)] = cut.Read(page).ToArray();
            }
        }

        return Status.Success;
    }

    protected internal override Status ContainerStabiliseRequest(in StabiliseRequest request)
    {
        Status status = OnSave?.Invoke() ?? Status.Success;
        while (status == Status.Success && !ReadsAtCut && request.TryNext(most: 7))
        {
            for (int i = 0; i < request.Count; i++)
            {
                _saved[(_containers[request.Container], request.Page(i).Value)] = request.Memory(i).ToArray();
            }

            request.MarkSaved();
        }

        return status;
    }

    protected internal override Status ContainerResize(Token container, long length) => Status.Success;

    protected internal override void PageDiscard(in DiscardRequest request)
    {
        Interlocked.Increment(ref _discards);
        if (OnDiscard is { } onDiscard)
        {
            onDiscard(request);
            return;
        }

        base.PageDiscard(request);
    }

    protected internal override IReadOnlyList<SnapshotInfo> History(ContainerRecord container) =>
        _history.GetValueOrDefault(container.Id) ?? [];
}

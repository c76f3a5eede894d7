using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Runtime.Core;
using Runtime.Core.Managers;
using Runtime.Core.Snapshots;
using Runtime.Core.Storage;

namespace Runtime.Stores.Managers;

/// <summary>What managers share that show something that lies elsewhere, for reading only.</summary>
/// <remarks>
/// Thread safe; faults on different pages read beside each other. A container is as long as its source, whatever length
/// it was created with. Nothing of it is kept in a volume but its name, so it has no versions.
/// </remarks>
public abstract class SourceManager : Manager
{
    private const ulong LongestRun = 256;                           // a claim never goes beyond a multiple of it

    private readonly ConcurrentDictionary<Token, OpenedContainer> _containers = new();
    private readonly Prefetcher _prefetcher;
    private readonly int _unit;
    private readonly int _readAhead;
    private ulong _lastToken;

    private protected SourceManager(SourceOptions options)
    {
        _unit = options.TransferUnit;
        _readAhead = options.ReadAhead;
        _prefetcher = new Prefetcher(token => _containers.GetValueOrDefault(token));
    }

    /// <summary>Finds the source and holds it.</summary>
    private protected abstract OpenedContainer Open(ContainerRecord container);

    /// <inheritdoc/>
    protected override ManagedContainer OpenContainer(ContainerRecord container, StateInterval? version)
    {
        ArgumentNullException.ThrowIfNull(container);
        if (version is not null)
        {
            throw new KernelException(
                Status.NoSuchInterval, $"container '{container.Name}' shows what lies elsewhere: it has no versions");
        }

        OpenedContainer opened = Open(container);
        var token = new Token(Interlocked.Increment(ref _lastToken));
        _containers[token] = opened;
        _prefetcher.Pages = Pages;
        return new ManagedContainer(token, opened.Length, opened.NextInterval) { IsReadOnly = true };
    }

    /// <inheritdoc/>
    protected override Status ContainerFault(in PageFault fault)
    {
        if (!_containers.TryGetValue(fault.Container, out OpenedContainer? container))
        {
            return Status.NotYourContainer;
        }

        BringUnit(container, fault);
        long unit = (long)fault.Page.Value / _unit;
        if (_readAhead > 0 && container.ReadAhead.TryPlan(unit, Depth, out ReadAheadPlan plan)
            && plan.Stride is 1 or -1)
        {
            _prefetcher.Post(fault.Container, InPages(plan));
        }

        return Status.Success;
    }

    /// <inheritdoc/>
    protected override Status ContainerSnapshot(in SnapshotCut cut) => Status.PermissionDenied;

    /// <inheritdoc/>
    protected override IReadOnlyList<SnapshotInfo> History(ContainerRecord container) => [];

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

    // In units. Some, but never so much that what it brings in drives out what is in use.
    private int Depth => (int)Math.Max(Math.Clamp(Pages.Limit / 16, 1, _readAhead) / _unit, 1);

    /// <summary>
    /// Reads the page and the absent ones around it at once: who waits for a neighbour waits for this reading.
    /// </summary>
    private void BringUnit(OpenedContainer container, in PageFault fault)
    {
        ulong page = fault.Page.Value;
        ulong first = page - (page % (ulong)_unit);
        TryClaim(fault.Container, first, page, out PageRun before);
        TryClaim(fault.Container, page + 1, Math.Max(first + (ulong)_unit, EndOfRequest(fault)), out PageRun after);
        using (before)
        using (after)
        {
            if (before.IsEmpty || before.First.Value + (ulong)before.Count == page)
            {
                container.ReadPages(before.IsEmpty ? fault.Page : before.First, Join(before, fault.Memory, after));
                Install(after);                                     // the claim that was made last ends first
                Install(before);
            }
            else
            {
                container.ReadPages(fault.Page, Join(default, fault.Memory, after));
                Install(after);
            }

            fault.Install();
        }
    }

    /// <summary>Up to where the access is known to go on, in whole units, as far as pages lie together.</summary>
    private ulong EndOfRequest(in PageFault fault)
    {
        ulong page = fault.Page.Value;
        ulong end = page + (ulong)(fault.RequestedLength / PageNumber.Size) + (ulong)_unit - 1;
        return Math.Min(end - (end % (ulong)_unit), page - (page % LongestRun) + LongestRun);
    }

    private void TryClaim(Token container, ulong first, ulong end, out PageRun run)
    {
        run = default;
        if (first < end)
        {
            Pages.TryClaim(container, new PageNumber(first), (int)(end - first), out run);
        }
    }

    private static void Install(in PageRun run)
    {
        if (!run.IsEmpty)
        {
            run.Install();
        }
    }

    /// <summary>Pages of a unit follow each other in the kernel view, whoever claims them.</summary>
    private static Span<byte> Join(in PageRun before, Span<byte> page, in PageRun after)
    {
        ref byte first = ref MemoryMarshal.GetReference(before.IsEmpty ? page : before.Memory);
        int count = (before.IsEmpty ? 0 : before.Count) + 1 + (after.IsEmpty ? 0 : after.Count);
        return MemoryMarshal.CreateSpan(ref first, count * PageNumber.Size);
    }

    /// <summary>A plan of units as one of pages; of the marked unit one page is left out.</summary>
    private ReadAheadPlan InPages(in ReadAheadPlan plan)
    {
        bool isForward = plan.Stride > 0;
        long low = isForward ? plan.First : plan.First - plan.Count + 1;
        long marker = (plan.Marker * _unit) + (isForward ? 0 : _unit - 1);
        return new ReadAheadPlan(low * _unit, Stride: 1, plan.Count * _unit, marker);
    }
}

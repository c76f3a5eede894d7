using Runtime.Core.Faults;
using Runtime.Core.Storage;
using Runtime.Native;

namespace Runtime.Core.Memory;

/// <summary>
/// The root page of a self-managing manager: the kernel is the manager of this one page, which is always in memory,
/// open for writing, and no part of cuts. Source: docs/semantics.md, "Self-managing managers".
/// </summary>
internal sealed partial class ContainerMemory
{
    private const long NoRoot = -1;

    private long _root = NoRoot;

    internal bool HasRoot => Volatile.Read(ref _root) != NoRoot;

    /// <summary>The byte offset of the root page; <see cref="ulong.MaxValue"/> if there is none.</summary>
    internal ulong RootOffset => HasRoot ? (ulong)_root * PageNumber.Size : ulong.MaxValue;

    /// <summary>Brings the root page in, and keeps it.</summary>
    internal Status MapRoot(ulong offset, ReadOnlySpan<byte> content)
    {
        if (HasRoot || offset % PageNumber.Size != 0)
        {
            return HasRoot ? Status.AlreadySet : Status.NotAligned;
        }

        long page = (long)(offset / PageNumber.Size);
        Status status = TryBeginOwn(page, 1, out FaultContext? context);
        if (status != Status.Success)
        {
            return status;
        }

        try
        {
            return Interlocked.CompareExchange(ref _root, page, NoRoot) == NoRoot
                ? BringRoot(context!, page, content)
                : Status.AlreadySet;
        }
        finally
        {
            EndOwn(context!);
        }
    }

    /// <summary>What the root page holds now.</summary>
    internal RootPage CopyRoot(StateInterval interval) =>
        new(interval, RootOffset, KernelView(_root).ToArray());

    private bool IsRoot(long page) => page == Volatile.Read(ref _root);

    private Status BringRoot(FaultContext context, long page, ReadOnlySpan<byte> content)
    {
        long cost = _section.CostOf(page, 1);
        Status status = _resident.Take(cost, Manager, context.DeadlineMs);
        if (status == Status.Success && !TryClaimAbsent(context.Number, page))
        {
            _resident.Budget.Give(cost);
            status = Status.AlreadyInstalled;
        }
        else if (status == Status.Success && !TryPopulate(page, 1, cost))
        {
            UnclaimRun(page, 1);
            status = Status.NoResources;
        }

        if (status != Status.Success)
        {
            Volatile.Write(ref _root, NoRoot);
            return status;
        }

        content.CopyTo(KernelView(page));
        CompleteFill(page);
        bool isOpen = Windows.FindInMain(page) is { } pane && pane.TryProtect(page, 1, PageAccess.ReadWrite);
        EndGrant(page, isOpen ? PageAccess.ReadWrite : PageAccess.None, isDirty: false);
        Table.Move(page, 0, static (entry, _) => entry.Pin());
        return isOpen ? Status.Success : Status.NoResources;
    }
}

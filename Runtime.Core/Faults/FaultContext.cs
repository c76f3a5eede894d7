using Runtime.Core.Memory;
using Runtime.Native;

namespace Runtime.Core.Faults;

/// <summary>One fault being served, or one lease being filled: who claims pages, and for whom.</summary>
/// <remarks>
/// Pooled, so that a fault allocates nothing. Its number stands in the entries of the pages that it claims, and in the
/// trap library's word of what the serving thread serves: so chains of upcalls can be walked from either end.
/// </remarks>
internal sealed class FaultContext
{
    internal const int Limit = 65_535;                              // an owner has 16 bits in a page entry

    private static readonly Lock s_lock = new();                    // guards s_free, s_count
    private static readonly FaultContext?[] s_all = new FaultContext?[Limit + 1];
    private static FaultContext? s_free;
    private static int s_count;

    [ThreadStatic]
    private static Spare? s_spare;

    private FaultContext? _nextFree;
    private ulong _servedBefore;                                    // between BeginServing and EndServing

    private FaultContext(int number) => Number = number;

    /// <summary>1 to <see cref="Limit"/>.</summary>
    internal int Number { get; }

    /// <summary>The container whose page it is about.</summary>
    internal ContainerMemory Memory { get; private set; } = null!;

    /// <summary>Where the page is wanted; null if only the kernel wants it.</summary>
    internal Pane? Pane { get; set; }

    internal long Page => (long)(Offset / PageNumber.Size);

    internal Access Access { get; private set; }

    /// <summary>The byte touched, from the container's first.</summary>
    internal ulong Offset { get; private set; }

    /// <summary>The fault during whose upcall this one happened; null for none.</summary>
    internal FaultContext? Parent { get; set; }

    /// <summary>The fault that happened during this one's upcall; guarded by <see cref="FaultChains"/>.</summary>
    internal FaultContext? Child { get; set; }

    /// <summary>The page whose claim this one sleeps on, or none; guarded by <see cref="FaultChains"/>.</summary>
    internal (PageTable Table, long Page)? WaitsFor { get; set; }

    /// <summary>When it fails, on the clock of <see cref="Environment.TickCount64"/>.</summary>
    internal long DeadlineMs { get; private set; }

    /// <summary>Whether a lease asks, and no instruction.</summary>
    internal bool IsLease { get; set; }

    /// <summary>Whether the manager is asked although it has failed.</summary>
    internal bool AsksInQuarantine { get; set; }

    /// <summary>Pages that the access goes through from here on, this one included.</summary>
    internal int RequestedPages { get; set; }

    /// <summary>What was suggested to the manager; 0 before it asked.</summary>
    internal int SuggestedPages { get; set; }

    /// <summary>Whether the manager has installed the page.</summary>
    internal bool IsInstalled { get; set; }

    /// <summary>Why the manager cannot supply the page, in its own words; null if it gave none.</summary>
    internal KernelException? Failure { get; set; }

    /// <summary>Whether its window was opened to the page, as far as it asks.</summary>
    internal bool IsOpen { get; set; }

    /// <summary>Further pages that the manager has claimed during the upcall, installed or not.</summary>
    internal List<long> Neighbours { get; } = [];

    /// <summary>What the calling thread serves now; null for nothing.</summary>
    internal static FaultContext? Current
    {
        get
        {
            ulong serving = Trap.ExchangeServing(0);
            Trap.ExchangeServing(serving);
            return Find(serving);
        }
    }

    internal static FaultContext? Find(ulong number) => number is 0 or > Limit ? null : s_all[number];

    internal static FaultContext Enter(
        ContainerMemory memory, ulong offset, Access access, ulong parent, int deadlineMs)
    {
        Spare spare = s_spare ??= new Spare();
        FaultContext context = spare.Take() ?? Rent();
        context.Memory = memory;
        context.Pane = null;
        context.Offset = offset;
        context.Access = access;
        context.Parent = Find(parent);
        context.DeadlineMs = Environment.TickCount64 + deadlineMs;
        context.IsInstalled = false;
        context.IsLease = false;
        context.AsksInQuarantine = false;
        (context.RequestedPages, context.SuggestedPages) = (1, 0);
        context.Failure = null;
        if (context.Parent is { } above)
        {
            FaultChains.Link(above, context);
        }

        return context;
    }

    /// <summary>
    /// For what the calling thread does to pages without a hardware fault: from here on its faults are nested in this.
    /// </summary>
    internal static FaultContext BeginServing(ContainerMemory memory, ulong offset = 0, Access access = Access.Read)
    {
        ulong before = Trap.ExchangeServing(0);
        FaultContext context = Enter(memory, offset, access, before, memory.FaultDeadlineMs);
        context._servedBefore = before;
        Trap.ExchangeServing((ulong)context.Number);
        return context;
    }

    internal void EndServing()
    {
        Trap.ExchangeServing(_servedBefore);
        Exit();
    }

    internal void Exit()
    {
        if (Parent is { } above)
        {
            FaultChains.Unlink(above, this);
            Parent = null;
        }

        Memory = null!;
        Pane = null;
        if (s_spare is not { } spare || !spare.TryKeep(this))
        {
            Return(this);
        }
    }

    private static FaultContext Rent()
    {
        lock (s_lock)
        {
            if (s_free is { } context)
            {
                s_free = context._nextFree;
                return context;
            }

            if (s_count == Limit)
            {
                throw new KernelException(Status.NoResources, $"{Limit} faults are being served at once");
            }

            context = new FaultContext(++s_count);
            s_all[context.Number] = context;
            return context;
        }
    }

    private static void Return(FaultContext context)
    {
        lock (s_lock)
        {
            context._nextFree = s_free;
            s_free = context;
        }
    }

    /// <summary>Keeps one context for its thread; when the thread has ended, the finalizer gives it back.</summary>
    private sealed class Spare
    {
        private FaultContext? _context;

        ~Spare()
        {
            if (_context is { } context)
            {
                Return(context);
            }
        }

        internal FaultContext? Take()
        {
            FaultContext? context = _context;
            _context = null;
            return context;
        }

        internal bool TryKeep(FaultContext context)
        {
            if (_context is not null)
            {
                return false;
            }

            _context = context;
            return true;
        }
    }
}

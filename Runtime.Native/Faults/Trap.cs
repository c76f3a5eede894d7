namespace Runtime.Native;

/// <summary>The trap library of this process: brings hardware faults on windows to C#.</summary>
/// <remarks>Thread safe. Installed once, by the first section or by <see cref="Install"/>, and never removed.</remarks>
public static unsafe class Trap
{
    private static readonly Lock s_lock = new();
    private static volatile bool s_installed;

    /// <summary>
    /// Installs the fault handlers and starts the first pager thread and the heartbeat; again is nothing.
    /// </summary>
    /// <exception cref="PlatformNotSupportedException">
    /// This system, runtime or load context cannot carry the library.
    /// </exception>
    public static void Install()
    {
        if (s_installed)
        {
            return;
        }

        lock (s_lock)
        {
            if (!s_installed)
            {
                Host.ThrowIfUnsupported();
                Upcall.Prepare();
                InstallUnsynchronized();
                PagerPool.Start();
                s_installed = true;
            }
        }
    }

    /// <summary>How long a posted fault may wait for its answer before it fails; 30 s unless set.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not positive, or above a day.</exception>
    public static void SetDeadline(TimeSpan deadline)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(deadline, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(deadline, TimeSpan.FromDays(1));
        Install();
        TrapLibrary.kt_set_deadline((int)Math.Ceiling(deadline.TotalMilliseconds));
    }

    /// <summary>
    /// Until disposed, faults of native code called by this thread are served on it. The native code must not hold
    /// locks that the fault's handler needs. Dispose it on the same thread.
    /// </summary>
    public static SectionMark NativeSection() => new(TrapLibrary.kt_mark_native(1));

    /// <summary>Clears the mark of a native section until disposed: for callbacks into managed code.</summary>
    public static SectionMark ManagedSection() => new(TrapLibrary.kt_mark_native(0));

    /// <summary>
    /// Says what the calling thread serves from now on, other than in a fault's handler: faults that happen meanwhile
    /// carry it as their <see cref="Fault.Parent"/>.
    /// </summary>
    /// <returns>What it served before, to be restored.</returns>
    public static ulong ExchangeServing(ulong serving) => TrapLibrary.kt_exchange_serving(serving);

    /// <summary>What happened since the process began.</summary>
    public static TrapStatistics Statistics
    {
        get
        {
            TrapLibrary.kt_read_statistics(out TrapStatistics statistics);
            return statistics;
        }
    }

    /// <summary>The last fault of the calling thread that ended without its page; null if there was none.</summary>
    public static FailedFault? LastFault =>
        TrapLibrary.kt_last_fault(out Fault fault) == 0
            ? null
            : new FailedFault(
                Regions.NameOf(fault.Region),
                fault.Offset,
                fault.Access,
                fault.Way,
                Math.Max(fault.Outcome, 0),
                IsRescued: fault.Outcome == TrapLibrary.Rescued);

    private static void InstallUnsynchronized()
    {
        var settings = new TrapLibrary.Settings
        {
            Upcall = Upcall.Entry,
            DeadlineMs = 30_000,
            DeadlineStatus = FaultStatus.DeadlineExceeded,
            StallMs = 100,
        };
        int error = TrapLibrary.kt_install(in settings);
        switch (error)
        {
            case 0:
                return;
            case -1:
                throw new PlatformNotSupportedException(
                    "another copy of Katydid.Runtime.Native has installed the trap library: "
                        + "one load context per process");
            default:
                throw new MemoryException("installing the fault handlers failed", error);
        }
    }

    /// <summary>Restores the thread's mark when disposed.</summary>
    public readonly ref struct SectionMark : IDisposable
    {
        private readonly int _before;

        internal SectionMark(int before) => _before = before;

        /// <inheritdoc/>
        public void Dispose() => _ = TrapLibrary.kt_mark_native(_before);
    }
}

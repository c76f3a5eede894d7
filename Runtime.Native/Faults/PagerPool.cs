namespace Runtime.Native;

/// <summary>
/// The threads that serve posted faults, and the heartbeat that tells a slow handler from a stopped runtime.
/// </summary>
/// <remarks>
/// There is always one more thread than faults being served, because a thread that serves one may come to wait for
/// another fault's answer.
/// </remarks>
internal static unsafe class PagerPool
{
    private const int MaximumPagers = 256;                          // as many as the trap library has slots
    private const int SpareIdlePagers = 2;
    private const int IdleTimeoutMs = 10_000;

    private static int s_pagers;
    private static int s_idle;

    internal static void Start()
    {
        AddPager();
        Run("katydid heartbeat", Beat);
    }

    private static void AddPager()
    {
        if (Interlocked.Increment(ref s_pagers) > MaximumPagers)
        {
            Interlocked.Decrement(ref s_pagers);
            return;
        }

        Interlocked.Increment(ref s_idle);
        Run("katydid pager", ServePosted);
    }

    private static void ServePosted()
    {
        while (true)
        {
            Fault* fault = TrapLibrary.kt_pager_take(IdleTimeoutMs);
            if (fault is null)
            {
                if (TryRetire())
                {
                    return;
                }

                continue;
            }

            if (Interlocked.Decrement(ref s_idle) == 0)
            {
                AddPager();
            }

            int outcome = Upcall.Serve(fault);
            Interlocked.Increment(ref s_idle);
            TrapLibrary.kt_pager_finish(fault, outcome);
        }
    }

    private static bool TryRetire()
    {
        int idle = Volatile.Read(ref s_idle);
        if (idle <= SpareIdlePagers || Interlocked.CompareExchange(ref s_idle, idle - 1, idle) != idle)
        {
            return false;
        }

        Interlocked.Decrement(ref s_pagers);
        return true;
    }

    private static void Beat()
    {
        while (true)
        {
            TrapLibrary.kt_heartbeat_wait();
        }
    }

    private static void Run(string name, Action loop)
    {
        var thread = new Thread(() => RunOrDie(name, loop)) { Name = name, IsBackground = true };
        thread.UnsafeStart();
    }

    private static void RunOrDie(string name, Action loop)
    {
        try
        {
            loop();
        }
        catch (Exception reason)
        {
            // Going on without it would leave threads waiting inside instructions, for ever.
            Environment.FailFast($"{name} thread died: {reason.Message}", reason);
        }
    }
}

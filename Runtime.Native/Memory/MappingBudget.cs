namespace Runtime.Native;

/// <summary>
/// Keeps the number of mappings that this library makes below what the system allows a process, by withdrawing the
/// oldest isolated grants: their pages stay resident, and the next touch of one is a soft fault.
/// </summary>
/// <remarks>
/// Thread safe. Linux refuses the 65,531st mapping of a process by default (vm.max_map_count, kernel documentation,
/// admin-guide/sysctl/vm), for everyone in it; so a share is left to the program.
/// </remarks>
internal static class MappingBudget
{
    private const int LeftToTheProgram = 8192;
    private const int AttemptsAtOnce = 256;
    private const int LeastRemembered = 1 << 15;                // runs at the default limit are fewer
    private const int MostRemembered = 1 << 20;
    private const int WorthTidying = 1 << 10;                       // new ones since the last time
    private const int ShortRun = 64;                                // pages: longer ones are withdrawn last

    private static readonly Lock s_lock = new();                    // guards the ring
    private static readonly HashSet<(uint Region, long Page)> s_runs = MakeRuns();
    private static (uint Region, long Page)[] s_ring = new (uint, long)[LeastRemembered];
    private static long s_head;
    private static long s_tail;
    private static long s_tidied;                                   // the tail when it was tidied last
    private static long s_used;

    [ThreadStatic]
    private static bool s_isReclaiming;

    /// <summary>How many mappings may be in use.</summary>
    internal static long Limit { get; set; } = Math.Max(SystemMemory.Current.MappingLimit - LeftToTheProgram, 256);

    /// <summary>How many are.</summary>
    internal static long Used => Interlocked.Read(ref s_used);

    /// <summary>How many grants are noted, to be withdrawn if need be.</summary>
    internal static long Noted
    {
        get
        {
            lock (s_lock)
            {
                return s_tail - s_head;
            }
        }
    }

    /// <summary>Takes mappings for a view.</summary>
    /// <exception cref="MemoryException">The limit is reached and nothing can be withdrawn.</exception>
    internal static void Take(int count)
    {
        if (!TryTakeOrReclaim(count))
        {
            throw new MemoryException(
                $"the process may have {Limit + LeftToTheProgram} mappings (vm.max_map_count), "
                    + $"and {Used} are in use here");
        }
    }

    /// <summary>
    /// Takes mappings, withdrawing grants to make room for them. Called without locks: it takes those of windows.
    /// </summary>
    internal static bool TryTakeOrReclaim(int count)
    {
        while (!TryTake(count))
        {
            if (!TryReclaim())
            {
                return false;
            }
        }

        return true;
    }

    internal static bool TryTake(int count)
    {
        if (Interlocked.Add(ref s_used, count) <= Limit)
        {
            return true;
        }

        Interlocked.Add(ref s_used, -count);
        return false;
    }

    internal static void Give(int count)
    {
        if (count != 0)
        {
            Interlocked.Add(ref s_used, -count);
        }
    }

    /// <summary>Notes a grant that split a mapping. Called without locks.</summary>
    internal static void Remember(uint region, long page)
    {
        // Where nobody counts, nothing is ever withdrawn.
        if (SystemMemory.Current.MappingLimit != long.MaxValue)
        {
            Push(region, page);
        }
    }

    /// <summary>Withdraws the oldest run of granted pages that can be spared.</summary>
    internal static bool TryReclaim()
    {
        if (s_isReclaiming)
        {
            return false;                                           // a handler that withdraws asks for mappings itself
        }

        s_isReclaiming = true;
        try
        {
            return TryReclaim(ShortRun) || (TryTidy() && TryReclaim(ShortRun)) || TryReclaim(int.MaxValue);
        }
        finally
        {
            s_isReclaiming = false;
        }
    }

    /// <summary>
    /// As large as the ring, and with all that the first comparison makes: tidying happens in faults, which allocate
    /// nothing.
    /// </summary>
    private static HashSet<(uint Region, long Page)> MakeRuns()
    {
        var runs = new HashSet<(uint, long)>(LeastRemembered) { default, default };
        runs.Clear();
        return runs;
    }

    private static bool TryReclaim(int longestRun)
    {
        for (int attempt = 0; attempt < AttemptsAtOnce && TryPop(out (uint Region, long Page) oldest);)
        {
            if (Regions.WindowOf(oldest.Region) is not SplittingWindow window
                || !window.TryFindEndOfRun(oldest.Page, longestRun, out long end, out int step))
            {
                continue;                                           // closed meanwhile: the window, or the page
            }

            attempt++;
            long before = Used;
            if (step != 0 && TryWithdrawRun(window, end, step, longestRun, before))
            {
                return true;
            }

            Push(oldest.Region, oldest.Page);                       // long, or in use just now: last in the row
        }

        return false;
    }

    /// <summary>A run's mapping is saved when the last of its pages goes.</summary>
    private static bool TryWithdrawRun(SplittingWindow window, long page, int step, int longestRun, long usedBefore)
    {
        for (int i = 0; i <= longestRun * 2L && window.TryFindEndOfRun(page, 0, out _, out _); i++, page += step)
        {
            if (!window.Handler.TryWithdraw(page))
            {
                return false;
            }

            if (Used < usedBefore)
            {
                return true;
            }
        }

        return false;
    }

    private static void Push(uint region, long page)
    {
        lock (s_lock)
        {
            if (s_tail - s_head == s_ring.Length && !TryTidyUnsynchronized() && !TryGrowUnsynchronized())
            {
                s_head++;                                           // more than ever fit: the oldest is forgotten
            }

            s_ring[s_tail++ % s_ring.Length] = (region, page);
        }
    }

    private static bool TryTidy()
    {
        lock (s_lock)
        {
            return s_tail - s_tidied >= WorthTidying && TryTidyUnsynchronized();
        }
    }

    /// <summary>
    /// Keeps one page of each run of granted pages, and none of those that are closed: grants come and go, and runs
    /// become one when what lies between them is granted, too.
    /// </summary>
    /// <returns>Whether that has made room worth the trouble.</returns>
    private static bool TryTidyUnsynchronized()
    {
        long count = s_tail - s_head;
        long kept = s_head;
        s_runs.Clear();
        for (long i = s_head; i < s_tail; i++)
        {
            (uint region, long page) = s_ring[i % s_ring.Length];
            if (Regions.WindowOf(region) is SplittingWindow window
                && window.TryFindStartOfRun(page, out long start)
                && s_runs.Add((region, start)))
            {
                s_ring[kept++ % s_ring.Length] = (region, page);
            }
        }

        s_tail = kept;
        s_tidied = s_tail;
        return s_tail - s_head <= count / 2;
    }

    private static bool TryGrowUnsynchronized()
    {
        if (s_ring.Length == MostRemembered)
        {
            return s_tail - s_head < s_ring.Length;                 // a little room may have been made
        }

        var ring = new (uint, long)[s_ring.Length * 2];
        for (long i = s_head; i < s_tail; i++)
        {
            ring[i % ring.Length] = s_ring[i % s_ring.Length];
        }

        s_ring = ring;
        s_runs.EnsureCapacity(ring.Length);
        return true;
    }

    private static bool TryPop(out (uint Region, long Page) oldest)
    {
        lock (s_lock)
        {
            oldest = s_head < s_tail ? s_ring[s_head % s_ring.Length] : default;
            return s_head < s_tail && s_head++ >= 0;
        }
    }
}

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
    private const int Remembered = 1 << 15;
    private const int AttemptsAtOnce = 256;
    private const int ShortRun = 64;                                // pages: longer ones are withdrawn last

    private static readonly Lock s_lock = new();                    // guards the ring
    private static readonly (uint Region, long Page)[] s_ring = new (uint, long)[Remembered];
    private static long s_head;
    private static long s_tail;
    private static long s_used;

    [ThreadStatic]
    private static bool s_isReclaiming;

    /// <summary>How many mappings may be in use.</summary>
    internal static long Limit { get; set; } = Math.Max(SystemMemory.Current.MappingLimit - LeftToTheProgram, 256);

    /// <summary>How many are.</summary>
    internal static long Used => Interlocked.Read(ref s_used);

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

    /// <summary>
    /// Notes a grant that split a mapping; when the ring is full the oldest is withdrawn, or else forgotten, for it.
    /// </summary>
    internal static void Remember(uint region, long page)
    {
        // Where nobody counts, a full ring is no reason to withdraw anything.
        if (SystemMemory.Current.MappingLimit != long.MaxValue && !TryPush(region, page))
        {
            _ = TryReclaim() || TryPop(out _);
            TryPush(region, page);
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
            return TryReclaim(ShortRun) || TryReclaim(int.MaxValue);
        }
        finally
        {
            s_isReclaiming = false;
        }
    }

    private static bool TryReclaim(int longestRun)
    {
        for (int attempt = 0; attempt < AttemptsAtOnce && TryPop(out (uint Region, long Page) oldest);)
        {
            if (Regions.WindowOf(oldest.Region) is not { } window
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

            TryPush(oldest.Region, oldest.Page);                    // long, or in use just now: last in the row
        }

        return false;
    }

    /// <summary>A run's mapping is saved when the last of its pages goes.</summary>
    private static bool TryWithdrawRun(Window window, long page, int step, int longestRun, long usedBefore)
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

    private static bool TryPush(uint region, long page)
    {
        lock (s_lock)
        {
            if (s_tail - s_head == Remembered)
            {
                return false;
            }

            s_ring[s_tail++ % Remembered] = (region, page);
            return true;
        }
    }

    private static bool TryPop(out (uint Region, long Page) oldest)
    {
        lock (s_lock)
        {
            oldest = s_head < s_tail ? s_ring[s_head % Remembered] : default;
            return s_head < s_tail && s_head++ >= 0;
        }
    }
}

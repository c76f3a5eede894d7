namespace Runtime.Native;

/// <summary>A view of a section whose protection is what has been granted: touching anything else is a fault.</summary>
/// <remarks>
/// Thread safe. Disposing makes it inaccessible at once; its addresses are not used for anything else until nobody
/// refers to the window, so a late access meets a fault with a name and never someone else's memory.
/// </remarks>
public abstract unsafe class Window : IDisposable
{
    // guards _grants, _closed, and the order of the calls
    private readonly Lock _lock = new();
    private readonly GrantMap _grants;
    private readonly uint _region;
    private bool _closed;

    private protected Window(string name, IFaultHandler handler, long length)
    {
        ArgumentNullException.ThrowIfNull(handler);
        Trap.Install();
        Handler = handler;
        Length = length;
        _grants = new GrantMap(PageCount);
        MappingBudget.Take(1);
        try
        {
            Address = (byte*)Arena.Shared.Take(length);
            _region = Regions.Open(name, this, (nint)Address, length);
        }
        finally
        {
            if (_region == 0)
            {
                GiveUp();
            }
        }
    }

    /// <summary>Frees the addresses: nobody can use them any more.</summary>
    ~Window()
    {
        if (_region == 0)
        {
            return;                                                 // the constructor threw
        }

        CloseIfOpen();
        Regions.Close(_region, (nint)Address, Length);
        Arena.Shared.Give((nint)Address, Length);
        _grants.Free();
    }

    /// <summary>The first byte.</summary>
    public byte* Address { get; }

    /// <summary>Bytes of address space.</summary>
    public long Length { get; }

    /// <summary>Serves the faults; alive for as long as the window is.</summary>
    internal IFaultHandler Handler { get; }

    private long PageCount => Length / Section.PageSize;

    /// <summary>Whether it was disposed.</summary>
    public bool IsClosed
    {
        get
        {
            lock (_lock)
            {
                return _closed;
            }
        }
    }

    /// <summary>Grants or withdraws access to pages; a closed window stays closed.</summary>
    /// <returns>False if the system, or the budget of mappings, refuses; nothing was changed then.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The pages are not all in the window.</exception>
    public bool TryProtect(long page, long pageCount, PageAccess access)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pageCount, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(page);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(page, PageCount - pageCount);

        // A second attempt after each withdrawal that made room; the first one nearly always succeeds.
        while (true)
        {
            switch (TryProtectOnce(page, pageCount, access, out Runs isNew))
            {
                case ProtectResult.Done:
                    Remember(page, pageCount, isNew);
                    return true;
                case ProtectResult.NoMapping when MappingBudget.TryReclaim():
                    continue;
                default:
                    return false;
            }
        }
    }

    /// <summary>
    /// Lowers the grant of a page to that of a neighbour that has less, or else to nothing, unless that would make
    /// mappings more: so a page goes that stands alone, and one open for writing among pages open for reading is closed
    /// to writing only.
    /// </summary>
    /// <returns>What is granted now.</returns>
    internal PageAccess Withdraw(long page)
    {
        lock (_lock)
        {
            PageAccess granted = _grants[page];
            if (_closed || granted == PageAccess.None)
            {
                return PageAccess.None;
            }

            PageAccess left = page > 0 ? _grants[page - 1] : PageAccess.None;
            PageAccess right = page < PageCount - 1 ? _grants[page + 1] : PageAccess.None;
            var lower = (PageAccess)Math.Max(left < granted ? (int)left : 0, right < granted ? (int)right : 0);
            int change = _grants.BoundariesAfter(page, 1, lower) - _grants.Boundaries(page, 1);
            if (change > 0 || Protect(page, 1, lower) != ProtectResult.Done)
            {
                return granted;
            }

            MappingBudget.Give(-change);
            _grants.Set(page, 1, lower);
            return lower;
        }
    }

    /// <summary>
    /// Finds the end of the run of pages around a page that are granted at least as much: where lowering them one after
    /// the other begins to save a mapping.
    /// </summary>
    /// <returns>False if nothing is granted on the page. The step is 0 if no end is within reach.</returns>
    internal bool TryFindEndOfRun(long page, int reach, out long end, out int step)
    {
        lock (_lock)
        {
            end = page;
            step = 0;
            if (_closed || page >= PageCount || _grants[page] is not (var least and not PageAccess.None))
            {
                return false;
            }

            long low = Math.Max(page - reach, 0);
            while (end > low && _grants[end - 1] >= least)
            {
                end--;
            }

            if (end > low || low == 0)
            {
                step = 1;
                return true;
            }

            long high = Math.Min(page + reach, PageCount - 1);
            end = page;
            while (end < high && _grants[end + 1] >= least)
            {
                end++;
            }

            step = end < high || high == PageCount - 1 ? -1 : 0;
            return true;
        }
    }

    /// <summary>Closes the window.</summary>
#pragma warning disable CA1816 // The finalizer stays: it gives the addresses back when nobody can use them any more.
    public void Dispose() => CloseIfOpen();
#pragma warning restore CA1816

    private ProtectResult TryProtectOnce(long page, long pageCount, PageAccess access, out Runs isNew)
    {
        isNew = Runs.None;
        lock (_lock)
        {
            if (_closed)
            {
                return ProtectResult.Done;
            }

            int change = _grants.BoundariesAfter(page, pageCount, access) - _grants.Boundaries(page, pageCount);
            if (change > 0 && !MappingBudget.TryTake(change))
            {
                return ProtectResult.NoMapping;
            }

            ProtectResult result = Protect(page, pageCount, access);
            if (result != ProtectResult.Done)
            {
                MappingBudget.Give(Math.Max(change, 0));
                return result;
            }

            MappingBudget.Give(Math.Max(-change, 0));
            _grants.Set(page, pageCount, access);
            isNew = change > 0 && access != PageAccess.None ? Runs.Granted : Runs.None;
            if (access == PageAccess.None)
            {
                isNew |= page > 0 && _grants[page - 1] != PageAccess.None ? Runs.Left : Runs.None;
                isNew |= page + pageCount < PageCount && _grants[page + pageCount] != PageAccess.None
                    ? Runs.Right
                    : Runs.None;
            }

            return result;
        }
    }

    /// <summary>Each run that costs a mapping is known to the budget by one of its pages at least.</summary>
    private void Remember(long page, long pageCount, Runs isNew)
    {
        if (isNew == Runs.None)
        {
            return;
        }

        if ((isNew & Runs.Granted) != 0)
        {
            MappingBudget.Remember(_region, page);
        }

        if ((isNew & Runs.Left) != 0)
        {
            MappingBudget.Remember(_region, page - 1);
        }

        if ((isNew & Runs.Right) != 0)
        {
            MappingBudget.Remember(_region, page + pageCount);
        }
    }

    private void GiveUp()
    {
        MappingBudget.Give(1);
        if (Address is not null)
        {
            Arena.Shared.Give((nint)Address, Length);
        }
    }

    private void CloseIfOpen()
    {
        lock (_lock)
        {
            if (_closed)
            {
                return;
            }

            _closed = true;
            Regions.Retire(_region);
            MakeInaccessible();
            MappingBudget.Give(1 + _grants.AllBoundaries());
        }
    }

    /// <summary>What is granted on a page; for <see cref="Protect"/>, under its lock.</summary>
    private protected PageAccess Granted(long page) => _grants[page];

    /// <summary>Sets the protection of pages; changes nothing if it does not succeed.</summary>
    private protected abstract ProtectResult Protect(long page, long pageCount, PageAccess access);

    /// <summary>Replaces the whole range by reserved addresses.</summary>
    private protected abstract void MakeInaccessible();

    [Flags]
    private enum Runs
    {
        None = 0,
        Granted = 1,
        Left = 2,
        Right = 4,
    }

    private protected enum ProtectResult
    {
        Done,
        NoMapping,
        Failed,
    }
}

namespace Runtime.Native;

/// <summary>A view of a section whose protection is what has been granted: touching anything else is a fault.</summary>
/// <remarks>
/// Thread safe. Disposing makes it inaccessible at once; its addresses are not used for anything else until nobody
/// refers to the window, so a late access meets a fault with a name and never someone else's memory.
/// </remarks>
public abstract unsafe class Window : IDisposable
{
    private volatile bool _closed;                                  // set under Sync
    private int _stretches;                                         // beside the first; guarded by Sync

    private protected Window(string name, IFaultHandler handler, long length)
    {
        ArgumentNullException.ThrowIfNull(handler);
        Trap.Install();
        Handler = handler;
        Length = length;
        MappingBudget.Take(1);
        try
        {
            Address = (byte*)Arena.Shared.Take(length);
            Region = Regions.Open(name, this, (nint)Address, length);
        }
        finally
        {
            if (Region == 0)
            {
                GiveUp();
            }
        }
    }

    /// <summary>Frees the addresses: nobody can use them any more.</summary>
    ~Window()
    {
        if (Region == 0)
        {
            return;                                                 // the constructor threw
        }

        CloseIfOpen();
        Regions.Close(Region, (nint)Address, Length);
        Arena.Shared.Give((nint)Address, Length);
        FreeGrants();
    }

    /// <summary>The first byte.</summary>
    public byte* Address { get; }

    /// <summary>Bytes of address space.</summary>
    public long Length { get; }

    /// <summary>Whether it was disposed.</summary>
    public bool IsClosed => _closed;

    /// <summary>Serves the faults; alive for as long as the window is.</summary>
    internal IFaultHandler Handler { get; }

    /// <summary>The number under which the trap library knows it.</summary>
    private protected uint Region { get; }

    private protected long PageCount => Length / Section.PageSize;

    /// <summary>Orders closing, and changes of protection where they need an order.</summary>
    private protected Lock Sync { get; } = new();

    /// <summary>Grants or withdraws access to pages; a closed window stays closed.</summary>
    /// <returns>
    /// False if the system, or the budget of mappings, refuses; no page is granted more than before then.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">The pages are not all in the window.</exception>
    public bool TryProtect(long page, long pageCount, PageAccess access)
    {
        ThrowIfOutside(page, pageCount);
        return TryProtectPages(page, pageCount, access);
    }

    /// <summary>Lowers the grants of pages that are granted more; the others stay as they are.</summary>
    /// <remarks>Costs what is lowered: neighbours, and those with a few pages between them, go in one step.</remarks>
    /// <returns>False if the system, or the budget of mappings, refuses; some may be lowered already then.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The pages are not all in the window.</exception>
    public bool TryLower(long page, long pageCount, PageAccess access)
    {
        ThrowIfOutside(page, pageCount);
        return TryLowerPages(page, pageCount, access);
    }

    /// <summary>Shows other pages from here on, closed, in the place of those that are there.</summary>
    /// <remarks>
    /// Nobody may change grants of these pages meanwhile, nor rely on those of others: on Windows those beside them, as
    /// far as the same chunk of the window, lose theirs.
    /// </remarks>
    /// <exception cref="MemoryException">
    /// The system refuses. Nothing is granted on the pages, and nothing must be until others are shown.
    /// </exception>
    internal void Show(long page, long pageCount, Section section, long sectionPage)
    {
        ThrowIfOutside(page, pageCount);
        (long first, long end) = Disturbed(page, pageCount);
        LowerOrThrow(first, end - first);
        lock (Sync)
        {
            if (!_closed)
            {
                ShowPages(page, pageCount, section, sectionPage);
            }
        }
    }

    /// <summary>Shows nothing in the place of pages, whose section is about to go.</summary>
    /// <exception cref="MemoryException">As of <see cref="Show"/>.</exception>
    internal void Hide(long page, long pageCount)
    {
        ThrowIfOutside(page, pageCount);
        LowerOrThrow(page, pageCount);
        lock (Sync)
        {
            if (!_closed)
            {
                HidePages(page, pageCount);
            }
        }
    }

    /// <summary>Counts the stretches that show something else than their neighbours: each is a mapping.</summary>
    /// <exception cref="MemoryException">There are no mappings left for more.</exception>
    internal void CountStretches(int change)
    {
        if (change > 0)
        {
            MappingBudget.Take(change);                             // without locks: it takes those of windows
        }

        lock (Sync)
        {
            _stretches += _closed ? 0 : change;
            MappingBudget.Give(_closed ? Math.Max(change, 0) : Math.Max(-change, 0));
        }
    }

    /// <summary>Lowers the grant of a page if that saves a mapping.</summary>
    /// <returns>What is granted now.</returns>
    internal abstract PageAccess Withdraw(long page);

    /// <summary>Closes the window.</summary>
#pragma warning disable CA1816 // The finalizer stays: it gives the addresses back when nobody can use them any more.
    public void Dispose() => CloseIfOpen();
#pragma warning restore CA1816

    private protected abstract bool TryProtectPages(long page, long pageCount, PageAccess access);

    private protected abstract bool TryLowerPages(long page, long pageCount, PageAccess access);

    /// <summary>Replaces closed pages by others, closed; under <see cref="Sync"/>.</summary>
    private protected abstract void ShowPages(long page, long pageCount, Section section, long sectionPage);

    /// <summary>The pages that <see cref="ShowPages"/> closes.</summary>
    private protected virtual (long First, long End) Disturbed(long page, long pageCount) => (page, page + pageCount);

    /// <summary>Takes what closed pages show out of the window; under <see cref="Sync"/>.</summary>
    private protected abstract void HidePages(long page, long pageCount);

    /// <summary>
    /// Replaces the whole range by reserved addresses; under <see cref="Sync"/>, perhaps after a constructor that
    /// threw.
    /// </summary>
    private protected abstract void MakeInaccessible();

    /// <summary>Frees the notes of what was granted; nobody asks for them any more.</summary>
    private protected abstract void FreeGrants();

    private void ThrowIfOutside(long page, long pageCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pageCount, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(page);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(page, PageCount - pageCount);
    }

    private void LowerOrThrow(long page, long pageCount)
    {
        if (!TryLowerPages(page, pageCount, PageAccess.None))
        {
            throw new MemoryException($"withdrawing the grants of {pageCount} pages failed");
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
        lock (Sync)
        {
            if (_closed)
            {
                return;
            }

            _closed = true;
            Regions.Retire(Region);
            MakeInaccessible();
            MappingBudget.Give(1 + _stretches);
        }
    }
}

namespace Runtime.Native;

/// <summary>A view of a section whose protection is what has been granted: touching anything else is a fault.</summary>
/// <remarks>
/// Thread safe. Disposing makes it inaccessible at once; its addresses are not used for anything else until nobody
/// refers to the window, so a late access meets a fault with a name and never someone else's memory.
/// </remarks>
public abstract unsafe class Window : IDisposable
{
    private readonly Lock _lock = new();                            // guards _grants, _closed, and the order of the calls
    private readonly GrantMap _grants;
    private readonly uint _region;
    private bool _closed;

    private protected Window(string name, IFaultHandler handler, long length)
    {
        ArgumentNullException.ThrowIfNull(handler);
        Trap.Install();
        Length = length;
        _grants = new GrantMap(length / Section.PageSize);
        MappingBudget.Take(1);
        Address = (byte*)Arena.Shared.Take(length);
        _region = Regions.Open(name, handler, (nint)Address, length);
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
    public bool TryProtect(long page, long pageCount, PageAccess access)
    {
        // A second attempt after each withdrawal that made room; the first one nearly always succeeds.
        while (true)
        {
            switch (TryProtectOnce(page, pageCount, access, out bool isIsolated))
            {
                case ProtectResult.Done:
                    if (isIsolated)
                    {
                        MappingBudget.Remember(_region, page);
                    }

                    return true;
                case ProtectResult.NoMapping when MappingBudget.TryReclaim():
                    continue;
                default:
                    return false;
            }
        }
    }

    /// <summary>Withdraws the grant of one page, if that makes a mapping less and not more.</summary>
    internal bool TryWithdraw(long page)
    {
        lock (_lock)
        {
            int change = _grants.BoundariesAfter(page, 1, PageAccess.None) - _grants.Boundaries(page, 1);
            if (_closed || change > 0 || Protect(page, 1, PageAccess.None) != ProtectResult.Done)
            {
                return false;
            }

            MappingBudget.Give(-change);
            _grants.Set(page, 1, PageAccess.None);
            return true;
        }
    }

    /// <summary>Closes the window.</summary>
#pragma warning disable CA1816 // The finalizer stays: it gives the addresses back when nobody can use them any more.
    public void Dispose() => CloseIfOpen();
#pragma warning restore CA1816

    private ProtectResult TryProtectOnce(long page, long pageCount, PageAccess access, out bool isIsolated)
    {
        isIsolated = false;
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
            isIsolated = change > 0 && access != PageAccess.None;
            return result;
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

    private protected enum ProtectResult
    {
        Done,
        NoMapping,
        Failed,
    }
}

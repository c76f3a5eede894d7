using Runtime.Native;

namespace Runtime.Bench.Faults;

/// <summary>
/// A window whose pages are all resident, and whose faults a handler in C# answers by opening the page.
/// </summary>
internal sealed unsafe class FaultArea : IFaultHandler, IDisposable
{
    private readonly Section _section;
    private readonly Window _window;
    private readonly bool[] _isOpen;

    internal FaultArea(TrapEngine engine, string name, int pages)
    {
        _isOpen = new bool[pages];
        _section = engine.CreateSection((long)pages * Section.PageSize);
        _window = _section.OpenWindow(name, this);
        if (!_section.TryPopulate(0, pages, out _))
        {
            throw new InsufficientMemoryException($"{name}: the system refused memory for {pages} pages");
        }
    }

    /// <summary>The window's first byte.</summary>
    internal byte* Base => _window.Address;

    /// <summary>Closes every page; they stay resident.</summary>
    internal void Close()
    {
        Array.Clear(_isOpen);
        if (!_window.TryProtect(0, _isOpen.Length, PageAccess.None))
        {
            throw new InvalidOperationException("the window could not be closed");
        }
    }

    /// <inheritdoc/>
    public int OnFault(ref readonly Fault fault)
    {
        long page = fault.Offset / Section.PageSize;
        _isOpen[page] = true;
        return _window.TryProtect(page, 1, PageAccess.ReadWrite) ? 0 : FaultStatus.HandlerFailed;
    }

    /// <inheritdoc/>
    public bool TryWithdraw(long page)
    {
        // What an earlier pass opened is closed already, as the kernel would know from its page table. What this pass
        // opened stays open: a pass is small enough for the limit on mappings.
        return !_isOpen[page];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _window.Dispose();
        _section.Dispose();
    }
}

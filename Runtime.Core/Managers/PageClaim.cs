using Runtime.Core.Faults;

namespace Runtime.Core.Managers;

/// <summary>The right to fill one absent page; dispose it, which gives the page up unless it was installed.</summary>
/// <remarks>Ends with the upcall in which it was taken, at the latest.</remarks>
public readonly ref struct PageClaim : IDisposable
{
    private readonly FaultContext _context;

    internal PageClaim(FaultContext context, PageNumber page)
    {
        _context = context;
        Page = page;
    }

    /// <summary>The claimed page.</summary>
    public PageNumber Page { get; }

    /// <summary>The page in the kernel view, zeroed: <see cref="PageNumber.Size"/> bytes. Until installed.</summary>
    /// <exception cref="InvalidOperationException">The claim has ended.</exception>
    public Span<byte> Memory
    {
        get
        {
            ThrowIfEnded();
            return _context.Memory.KernelView((long)Page.Value);
        }
    }

    /// <summary>Declares <see cref="Memory"/> complete and opens the window to it, for reading.</summary>
    /// <exception cref="InvalidOperationException">The claim has ended.</exception>
    public void Install()
    {
        ThrowIfEnded();
        _context.Memory.InstallNeighbour(_context, (long)Page.Value);
    }

    /// <inheritdoc/>
    public void Dispose() => _context?.Memory.AbandonNeighbour(_context, (long)Page.Value);

    private void ThrowIfEnded()
    {
        if (_context is null || !_context.Memory.IsFilling(_context, (long)Page.Value))
        {
            throw new InvalidOperationException($"the claim on {Page} has ended: the page was installed or given up");
        }
    }
}

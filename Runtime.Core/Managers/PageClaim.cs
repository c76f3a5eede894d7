using Runtime.Core.Memory;

namespace Runtime.Core.Managers;

/// <summary>The right to fill one absent page; dispose it, which gives the page up unless it was installed.</summary>
public ref struct PageClaim : IDisposable
{
    private ContainerMemory? _memory;

    internal PageClaim(ContainerMemory memory, PageNumber page)
    {
        _memory = memory;
        Page = page;
    }

    /// <summary>The claimed page.</summary>
    public PageNumber Page { get; }

    /// <summary>The page in the kernel view, zeroed: <see cref="PageNumber.Size"/> bytes. Until installed.</summary>
    /// <exception cref="InvalidOperationException">The claim has ended.</exception>
    public readonly Span<byte> Memory => Claimed.KernelView((long)Page.Value);

    /// <summary>Declares <see cref="Memory"/> complete and opens the window to it, for reading.</summary>
    /// <exception cref="InvalidOperationException">The claim has ended.</exception>
    public void Install()
    {
        Claimed.InstallNeighbour((long)Page.Value);
        _memory = null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _memory?.AbandonFill((long)Page.Value);
        _memory = null;
    }

    private readonly ContainerMemory Claimed =>
        _memory ?? throw new InvalidOperationException("the claim has ended: its page was installed or given up");
}

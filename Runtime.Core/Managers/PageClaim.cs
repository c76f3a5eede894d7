namespace Runtime.Core.Managers;

/// <summary>The right to fill one absent page; dispose it, which gives the page up unless it was installed.</summary>
public ref struct PageClaim : IDisposable
{
    /// <summary>The claimed page.</summary>
    public readonly PageNumber Page => throw new NotImplementedException();

    /// <summary>The page in the kernel view, zeroed: <see cref="PageNumber.Size"/> bytes.</summary>
    public readonly Span<byte> Memory => throw new NotImplementedException();

    /// <summary>Declares <see cref="Memory"/> complete and opens the window to it, for reading.</summary>
    public void Install() => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}

using Runtime.Core;

namespace Runtime.Stores.Managers;

/// <summary>What the manager keeps of a container that is open: where its pages come from.</summary>
/// <remarks>Thread safe.</remarks>
internal abstract class OpenedContainer : IDisposable
{
    /// <summary>Bytes, when it was opened.</summary>
    public abstract long Length { get; }

    /// <summary>The interval that now executes.</summary>
    public abstract StateInterval NextInterval { get; }

    /// <summary>Recognizes faults that follow each other.</summary>
    public ReadAhead ReadAhead { get; } = new();

    public void ReadPage(PageNumber page, Span<byte> destination) => ReadPages(page, destination);

    /// <summary>Fills whole pages from <paramref name="first"/> on.</summary>
    public abstract void ReadPages(PageNumber first, Span<byte> destination);

    public abstract void Dispose();
}

using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Managers;

namespace Runtime.Stores.Managers;

/// <summary>How the pages of one open container stand in its backing container.</summary>
/// <remarks>
/// Thread safe as far as its manager needs it: pages are supplied while others are saved, and a page that is being
/// saved is in memory, so nobody asks for it.
/// </remarks>
internal abstract class LayerCodec(Container backing, LayerLayout layout) : IDisposable
{
    protected Container Backing => backing;

    protected LayerLayout Layout => layout;

    /// <summary>How many pages the container has, as far as the backing one knows.</summary>
    protected long PageCount => PageNumber.CountFor(layout.Length(backing.View.Length));

    /// <summary>Fills a page and installs it; neighbours, too, if they come for nothing.</summary>
    /// <param name="fault">The page, which lies within the backing container.</param>
    /// <param name="zeroFrom">
    /// Neighbours from here on are zeroes by now; to be looked at after they were claimed.
    /// </param>
    public abstract void Supply(in PageFault fault, ref long zeroFrom);

    /// <summary>Writes the pages of an interval.</summary>
    public abstract void Save(in StabiliseRequest request);

    /// <summary>Lets pages from here on read as zeroes: the backing container is going to be cut off there.</summary>
    public abstract void Clear(long first);

    public abstract void Dispose();

    /// <summary>Whether the page lies within the backing container.</summary>
    public bool Holds(long page) => page < PageCount;

    protected static long Offset(long backingPage) => backingPage * PageNumber.Size;
}

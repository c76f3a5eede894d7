using Runtime.Core.Memory;

namespace Runtime.Core.Containers;

/// <summary>A container's bytes at further addresses.</summary>
/// <remarks>
/// Thread safe. What is written through one window is at once there in all others: they show the same memory, and a cut
/// closes all of them. A page costs a fault in each window that touches it.
/// </remarks>
public sealed class ContainerWindow : IDisposable
{
    private readonly Container _container;

    internal ContainerWindow(Container container, PanedWindow window)
    {
        _container = container;
        Window = window;
        View = new ContainerView(container.Memory, window);
    }

    /// <summary>The container's bytes, seen from here.</summary>
    public ContainerView View { get; }

    /// <summary>The mappings that are seen through this window only, by their offsets.</summary>
    public IReadOnlyList<ContainerMapping> Mappings => Window.Mappings;

    internal PanedWindow Window { get; }

    /// <summary>
    /// Shows a range of another container in this window only, in the place of what the container's own mappings show
    /// there. It ends with the window.
    /// </summary>
    /// <inheritdoc cref="Container.Map"/>
    public void Map(long offset, Container source, long sourceOffset, long length, Access access) =>
        _container.MapIn(Window, offset, source, sourceOffset, length, access);

    /// <summary>
    /// Ends mappings of this window that lie in a range; the container's bytes, or its own mappings, are seen again.
    /// </summary>
    /// <inheritdoc cref="Container.Unmap"/>
    public void Unmap(long offset, long length) => _container.UnmapIn(Window, offset, length);

    /// <summary>Closes the window, and leaves the container open; late accesses throw.</summary>
    /// <exception cref="KernelException">
    /// <see cref="Status.LeasesOutstanding"/> when leases of the container outlast the limit; it stays open then.
    /// </exception>
    public void Dispose() => _container.Close(this);
}

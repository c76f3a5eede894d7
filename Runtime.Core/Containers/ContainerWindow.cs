using Runtime.Native;

namespace Runtime.Core.Containers;

/// <summary>A container's bytes at further addresses.</summary>
/// <remarks>
/// Thread safe. What is written through one window is at once there in all others: they show the same memory, and a cut
/// closes all of them. A page costs a fault in each window that touches it.
/// </remarks>
public sealed class ContainerWindow : IDisposable
{
    private readonly Container _container;

    internal ContainerWindow(Container container, Window window)
    {
        _container = container;
        Window = window;
        View = new ContainerView(container.Memory, window);
    }

    /// <summary>The container's bytes, seen from here.</summary>
    public ContainerView View { get; }

    internal Window Window { get; }

    /// <summary>Closes the window, and leaves the container open; late accesses throw.</summary>
    /// <exception cref="KernelException">
    /// <see cref="Status.LeasesOutstanding"/> when leases of the container outlast the limit; it stays open then.
    /// </exception>
    public void Dispose() => _container.Close(this);
}

using Runtime.Native;

namespace Runtime.Core.Containers;

/// <content>The windows through which it is seen.</content>
public sealed partial class Container
{
    private readonly List<ContainerWindow> _windows = [];           // beside the first; guarded by _lock

    /// <summary>
    /// Opens a further window: the same bytes at other addresses, each page open there only after it was touched there,
    /// with the container's mappings.
    /// </summary>
    /// <returns>Closed with the container, or before.</returns>
    /// <exception cref="ObjectDisposedException">The container was closed.</exception>
    /// <exception cref="KernelException">
    /// <see cref="Status.NoResources"/> if addresses or mappings are used up.
    /// </exception>
    public ContainerWindow OpenWindow()
    {
        lock (_lock)
        {
            ThrowIfClosedUnsynchronized();
            try
            {
                var opened = new ContainerWindow(this, _memory.Graph.OpenWindow(_memory));
                _windows.Add(opened);
                return opened;
            }
            catch (MemoryException failure)
            {
                throw new KernelException(
                    Status.NoResources, $"container '{Name}': no further window: {failure.Message}", failure);
            }
        }
    }

    /// <summary>Closes a further window when no lease is out.</summary>
    internal void Close(ContainerWindow window)
    {
        lock (_lock)
        {
            if (_isDisposed || !_windows.Contains(window))
            {
                return;
            }

            WithoutLeasesUnsynchronized(() => _memory.Graph.Close(window.Window));
            _windows.Remove(window);
        }
    }

    private void SetLengthOfViewsUnsynchronized()
    {
        View.Length = _memory.Length;
        foreach (ContainerWindow window in _windows)
        {
            window.View.Length = _memory.Length;
        }
    }
}

using Runtime.Core.Containers;

namespace Runtime.Core.Loci;

/// <summary>
/// A window of its own onto its host, for an invocation with private mappings: made anew when the host was closed and
/// opened again meanwhile.
/// </summary>
/// <remarks>For the thread that executes the locus. Source: docs/semantics.md, "Mappings".</remarks>
internal sealed class PrivateWindow(Kernel kernel, ContainerEntity host)
{
    private readonly List<PrivateMapping> _mappings = [];
    private Container? _container;
    private ContainerWindow? _window;

    internal IReadOnlyList<PrivateMapping> Mappings => _mappings;

    /// <summary>The host's bytes, and in them the mappings'.</summary>
    /// <exception cref="KernelException">The window cannot be opened.</exception>
    internal ContainerView View
    {
        get
        {
            Container open = kernel.Activate(host);
            if (_window is null || _container != open)
            {
                Open(open);
            }

            return _window!.View;
        }
    }

    /// <exception cref="KernelException">As <see cref="Container.Map"/>; nothing has changed then.</exception>
    internal void Map(PrivateMapping mapping)
    {
        _ = View;
        Map(_window!, mapping);
        _mappings.Add(mapping);
    }

    /// <summary>Notes a mapping of an earlier life, which is shown at the first touch.</summary>
    internal void Load(PrivateMapping mapping) => _mappings.Add(mapping);

    /// <exception cref="KernelException">As <see cref="Container.Unmap"/>; nothing has changed then.</exception>
    internal void Unmap(ulong offset, ulong length)
    {
        _ = View;
        _window!.Unmap((long)offset, (long)length);
        _mappings.RemoveAll(mapping => mapping.Offset >= offset && mapping.Offset - offset < length);
    }

    /// <summary>The invocation is over. A lease that is out keeps the window until its container is closed.</summary>
    internal void Close()
    {
        try
        {
            _window?.Dispose();
        }
        catch (KernelException)
        {
        }

        _window = null;
        _mappings.Clear();
    }

    private void Open(Container container)
    {
        ContainerWindow window = container.OpenWindow();
        try
        {
            // Of a source that was destroyed nothing is left to show.
            foreach (PrivateMapping mapping in _mappings.Where(mapping => !mapping.Source.IsGone))
            {
                Map(window, mapping);
            }
        }
        catch
        {
            window.Dispose();
            throw;
        }

        _container = container;
        _window = window;
    }

    private void Map(ContainerWindow window, PrivateMapping mapping) => window.Map(
        (long)mapping.Offset,
        kernel.Activate(mapping.Source),
        (long)mapping.SourceOffset,
        (long)mapping.Length,
        mapping.Access);
}

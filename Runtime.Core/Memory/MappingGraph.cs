using System.Collections.Immutable;
using Runtime.Core.Containers;
using Runtime.Native;

namespace Runtime.Core.Memory;

/// <summary>Which containers show ranges of which others, in all of a kernel; it has no cycles.</summary>
/// <remarks>
/// Thread safe, one change at a time. A window's panes say where a page really is, however deep the mappings lie in
/// each other, so a fault walks nothing; instead a change of one container's mappings changes all windows that show it.
/// </remarks>
internal sealed class MappingGraph
{
    private readonly Lock _lock = new();                            // guards all mappings, and the order of changes
    private readonly HashSet<ContainerMemory> _hosts = [];          // that have mappings, of their own or a window's

    /// <summary>Adds a mapping to a container, or to one window of it.</summary>
    /// <exception cref="KernelException">
    /// <see cref="Status.Overlap"/>, <see cref="Status.Cycle"/>, <see cref="Status.LeasesOutstanding"/>,
    /// <see cref="Status.NoResources"/>; nothing has changed then.
    /// </exception>
    internal void Add(ContainerMemory host, PanedWindow? only, ContainerMapping mapping, TimeSpan leaseLimit)
    {
        lock (_lock)
        {
            ContainerMemory source = mapping.Source.Memory;
            if (source.IsClosed)
            {
                throw new ObjectDisposedException(nameof(Container), $"container '{source.Name}' was closed");
            }

            ImmutableArray<ContainerMapping> before = MappingsOf(host, only);
            if (before.FirstOrDefault(other => other.Overlaps(mapping.Offset, mapping.Length)) is { } other)
            {
                throw new KernelException(
                    Status.Overlap,
                    $"container '{host.Name}' shows '{other.Source.Name}' at offset {other.Offset} already");
            }

            if (Reaches(source, host))
            {
                throw new KernelException(
                    Status.Cycle,
                    $"container '{source.Name}' cannot be shown in '{host.Name}', which it shows itself");
            }

            Change(host, only, [.. before.Add(mapping).OrderBy(one => one.Offset)], leaseLimit);
        }
    }

    /// <summary>Removes the mappings that lie in a range.</summary>
    /// <exception cref="KernelException">
    /// <see cref="Status.Overlap"/> if one lies only partly there, <see cref="Status.OutOfRange"/> if there is none,
    /// <see cref="Status.LeasesOutstanding"/>, <see cref="Status.NoResources"/>; nothing has changed then.
    /// </exception>
    internal void Remove(ContainerMemory host, PanedWindow? only, long offset, long length, TimeSpan leaseLimit)
    {
        lock (_lock)
        {
            ImmutableArray<ContainerMapping> before = MappingsOf(host, only);
            ImmutableArray<ContainerMapping> there = [.. before.Where(one => one.Overlaps(offset, length))];
            if (there.FirstOrDefault(one => !one.IsWithin(offset, length)) is { } cut)
            {
                throw new KernelException(
                    Status.Overlap,
                    $"the mapping of '{cut.Source.Name}' at offset {cut.Offset} of container '{host.Name}' has "
                        + $"{cut.Length} bytes, and goes as a whole or not at all");
            }

            if (there.IsEmpty)
            {
                throw new KernelException(
                    Status.OutOfRange,
                    $"container '{host.Name}' has no mapping in the {length} bytes at offset {offset}");
            }

            Change(host, only, before.RemoveRange(there), leaseLimit);
        }
    }

    /// <summary>Removes all mappings of a container that is about to be closed.</summary>
    /// <exception cref="KernelException"><see cref="Status.LeasesOutstanding"/>; nothing has changed then.</exception>
    internal void RemoveAll(ContainerMemory host, TimeSpan leaseLimit)
    {
        lock (_lock)
        {
            if (!host.Mappings.IsEmpty)
            {
                Change(host, only: null, [], leaseLimit);
            }
        }
    }

    /// <summary>Opens a window that shows the container's mappings.</summary>
    /// <exception cref="MemoryException">There are no addresses or mappings left.</exception>
    internal PanedWindow OpenWindow(ContainerMemory host)
    {
        lock (_lock)
        {
            PanedWindow window = host.Windows.Open();
            try
            {
                Show(window);
                return window;
            }
            catch
            {
                CloseUnsynchronized(window);
                throw;
            }
        }
    }

    /// <summary>Closes a window that nobody has leases in.</summary>
    internal void Close(PanedWindow window)
    {
        lock (_lock)
        {
            CloseUnsynchronized(window);
            Note(window.Host);
        }
    }

    /// <summary>Closes all windows of a container that closes, and hides its pages in those of others.</summary>
    internal void Close(ContainerMemory memory)
    {
        lock (_lock)
        {
            foreach (PanedWindow window in memory.Windows.All)
            {
                CloseUnsynchronized(window);
            }

            foreach (Pane pane in memory.Windows.Panes)
            {
                pane.Close();
                Hide(pane);
                memory.Windows.Replace([pane], []);
                pane.End();
            }

            memory.Mappings = [];
            _hosts.Remove(memory);
        }
    }

    private static ImmutableArray<ContainerMapping> MappingsOf(ContainerMemory host, PanedWindow? only) =>
        only?.Mappings ?? host.Mappings;

    private static void Set(ContainerMemory host, PanedWindow? only, ImmutableArray<ContainerMapping> mappings)
    {
        if (only is not null)
        {
            only.Mappings = mappings;
        }
        else
        {
            host.Mappings = mappings;
        }
    }

    /// <summary>Whether pages of a container are shown in another, or it is the same one.</summary>
    private static bool Reaches(ContainerMemory from, ContainerMemory to) =>
        from == to || AllMappingsOf(from).Any(mapping => Reaches(mapping.Source.Memory, to));

    private static IEnumerable<ContainerMapping> AllMappingsOf(ContainerMemory host) =>
        host.Mappings.Concat(host.Windows.All.SelectMany(window => window.Mappings));

    private static void Hide(Pane pane)
    {
        try
        {
            pane.Window.Window.Hide(pane.Stretch.WindowPage, pane.Stretch.Count);
        }
        catch (MemoryException)
        {
            pane.Window.Window.Dispose();                           // it would show what is not there any more
        }
    }

    private static void CloseUnsynchronized(PanedWindow window)
    {
        window.Window.Dispose();
        foreach (ContainerMemory owner in window.Panes.Select(pane => pane.Owner).Distinct())
        {
            owner.Windows.Replace(window.Panes, []);
        }

        window.Host.Windows.Remove(window);
    }

    /// <summary>Makes the change seen in all windows, or in none.</summary>
    private void Change(
        ContainerMemory host, PanedWindow? only, ImmutableArray<ContainerMapping> mappings, TimeSpan leaseLimit)
    {
        ImmutableArray<ContainerMapping> before = MappingsOf(host, only);
        Set(host, only, mappings);
        try
        {
            ShowAll(only is not null ? [only] : WindowsShowing(host), leaseLimit);
        }
        catch
        {
            Set(host, only, before);
            throw;
        }

        Note(host);
    }

    private void Note(ContainerMemory host)
    {
        if (AllMappingsOf(host).Any())
        {
            _hosts.Add(host);
        }
        else
        {
            _hosts.Remove(host);
        }
    }

    private List<PanedWindow> WindowsShowing(ContainerMemory memory) =>
        [.. memory.Windows.All, .. _hosts.Where(host => host != memory && Reaches(host, memory))
            .SelectMany(host => host.Windows.All)];

    private static void ShowAll(IEnumerable<PanedWindow> windows, TimeSpan leaseLimit)
    {
        List<PanedWindow> changing = [.. windows.Where(window => !window.Shows(Layout.Of(window)))];
        List<ContainerMemory> hosts = [.. changing.Select(window => window.Host).Distinct()];
        EndLeases(hosts, leaseLimit);
        var changed = new List<(PanedWindow Window, List<Stretch> Before)>();
        try
        {
            foreach (PanedWindow window in changing)
            {
                List<Stretch> before = [.. window.Panes.Select(pane => pane.Stretch)];
                Show(window);
                changed.Add((window, before));
            }
        }
        catch (MemoryException failure)
        {
            ShowAgain(changed);
            throw new KernelException(Status.NoResources, $"the mapping cannot be changed: {failure.Message}", failure);
        }
        finally
        {
            hosts.ForEach(host => host.ReopenLeases());
        }
    }

    private static void Show(PanedWindow window)
    {
        List<Stretch> layout = Layout.Of(window);
        if (!window.Shows(layout))
        {
            window.Show(layout);
        }
    }

    private static void ShowAgain(List<(PanedWindow Window, List<Stretch> Before)> changed)
    {
        foreach ((PanedWindow window, List<Stretch> before) in changed)
        {
            try
            {
                window.Show(before);
            }
            catch (MemoryException)
            {
                window.Window.Dispose();                            // it would show what is not mapped there
            }
        }
    }

    /// <summary>A lease's pages are shown where they are until it ends, in whatever container's window it is.</summary>
    private static void EndLeases(List<ContainerMemory> hosts, TimeSpan limit)
    {
        long deadlineMs = Environment.TickCount64 + (long)limit.TotalMilliseconds;
        for (int i = 0; i < hosts.Count; i++)
        {
            long left = Math.Max(deadlineMs - Environment.TickCount64, 0);
            if (!hosts[i].TryEndLeases(TimeSpan.FromMilliseconds(left)))
            {
                hosts.Take(i).ToList().ForEach(host => host.ReopenLeases());
                throw new KernelException(
                    Status.LeasesOutstanding,
                    $"container '{hosts[i].Name}': leases were still held after {limit.TotalMilliseconds:F0} ms");
            }
        }
    }
}

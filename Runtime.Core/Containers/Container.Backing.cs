using Runtime.Core.Snapshots;

namespace Runtime.Core.Containers;

/// <content>What a manager does with a container in which it keeps others.</content>
public sealed partial class Container
{
    /// <summary>Whether it was opened by a manager, to keep the data of another.</summary>
    internal bool IsBacking { get; set; }

    internal bool IsOf(Kernel kernel) => _kernel == kernel;

    /// <summary>
    /// Cuts it as the given interval and has the calling thread save it, also one that serves an upcall for a container
    /// that is kept in this one.
    /// </summary>
    internal void SaveAs(StateInterval interval, DateTimeOffset time)
    {
        lock (_lock)
        {
            ThrowIfClosedUnsynchronized();
            _interval = interval;
            Snapshot snapshot = _kernel.CutAs(BeginCutUnsynchronized(), time);
            _kernel.SaveHere(snapshot);
        }
    }
}

using System.Diagnostics.CodeAnalysis;

namespace Runtime.Core.Snapshots;

/// <summary>
/// Snapshots in the order of their cuts, one of which is saved at a time: by a thread of its own, or by one that has
/// nothing to do but wait for it, which spares two changes of threads.
/// </summary>
/// <remarks>
/// Thread safe. The thread is never one of the pool's: all of those may sit in faults that wait for it.
/// </remarks>
internal sealed class SaveQueue : IDisposable
{
    private readonly object _lock = new();                          // guards the fields below
    private readonly Queue<PendingSnapshot> _queue = [];
    private readonly Action<PendingSnapshot> _save;
    private Thread? _thread;
    private bool _isSaving;
    private bool _isCompleted;

    internal SaveQueue(Action<PendingSnapshot> save) => _save = save;

    internal void Add(PendingSnapshot snapshot)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isCompleted, this);
            _queue.Enqueue(snapshot);
            _thread ??= Start();
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>Saves what comes before a snapshot, and the snapshot, unless somebody else is about it.</summary>
    internal void SaveUntil(Snapshot snapshot)
    {
        while (!snapshot.HasEnded && TryTake(mayWait: false, out PendingSnapshot? next))
        {
            SaveTaken(next);
        }
    }

    /// <summary>Saves what was added, and ends the thread.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isCompleted = true;
            Monitor.PulseAll(_lock);
        }

        _thread?.Join();
    }

    private Thread Start()
    {
        var thread = new Thread(Run) { IsBackground = true, Name = "katydid saver" };
        thread.Start();
        return thread;
    }

    private void Run()
    {
        while (TryTake(mayWait: true, out PendingSnapshot? next))
        {
            SaveTaken(next);
        }
    }

    private bool TryTake(bool mayWait, [NotNullWhen(true)] out PendingSnapshot? next)
    {
        lock (_lock)
        {
            while (mayWait && (_isSaving || (_queue.Count == 0 && !_isCompleted)))
            {
                Monitor.Wait(_lock);
            }

            next = null;
            if (_isSaving || !_queue.TryDequeue(out next))
            {
                return false;
            }

            _isSaving = true;
            return true;
        }
    }

    private void SaveTaken(PendingSnapshot snapshot)
    {
        try
        {
            _save(snapshot);
        }
        finally
        {
            lock (_lock)
            {
                _isSaving = false;
                Monitor.PulseAll(_lock);
            }
        }
    }
}

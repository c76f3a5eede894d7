using System.Diagnostics.CodeAnalysis;
using Runtime.Core.Memory;

namespace Runtime.Core.Snapshots;

/// <summary>
/// Snapshots that are to be saved: those of one container one after another, those of several beside each other, so
/// that their manager can make one commit of them. By threads of its own, or by one that has nothing to do but wait for
/// a snapshot, which spares two changes of threads.
/// </summary>
/// <remarks>
/// Thread safe. The threads are never those of the pool: all of them may sit in faults that wait for one.
/// </remarks>
internal sealed class SaveQueue : IDisposable
{
    private const int MostThreads = 8;

    private readonly object _lock = new();                          // guards the fields below; also waited on
    private readonly Dictionary<ContainerMemory, SaveLine> _lines = [];
    private readonly Queue<SaveLine> _listed = [];                  // some may have been taken up meanwhile
    private readonly List<Thread> _threads = [];
    private readonly Action<PendingSnapshot> _save;
    private int _idleThreads;
    private bool _isCompleted;

    internal SaveQueue(Action<PendingSnapshot> save) => _save = save;

    /// <remarks>Those of one container have to come in the order of their cuts.</remarks>
    internal void Add(PendingSnapshot snapshot)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isCompleted, this);
            if (!_lines.TryGetValue(snapshot.Memory, out SaveLine? line))
            {
                _lines.Add(snapshot.Memory, line = new SaveLine());
            }

            line.Waiting.Enqueue(snapshot);
            List(line);
            if (_idleThreads == 0 && _threads.Count < MostThreads)
            {
                _threads.Add(Start());
            }
        }
    }

    /// <summary>Saves what comes before a snapshot, and the snapshot, unless somebody else is about it.</summary>
    internal void SaveUntil(PendingSnapshot snapshot)
    {
        while (!snapshot.Snapshot.HasEnded && TryTake(snapshot.Memory, out PendingSnapshot? next))
        {
            SaveTaken(next);
        }
    }

    /// <summary>Saves what was added, and ends the threads.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isCompleted = true;
            Monitor.PulseAll(_lock);
        }

        _threads.ForEach(thread => thread.Join());
    }

    private Thread Start()
    {
        var thread = new Thread(Run) { IsBackground = true, Name = "katydid saver" };
        thread.Start();
        return thread;
    }

    private void Run()
    {
        while (TryWaitForNext(out PendingSnapshot? next))
        {
            SaveTaken(next);
        }
    }

    /// <returns>False when there is nothing more to come.</returns>
    private bool TryWaitForNext([NotNullWhen(true)] out PendingSnapshot? next)
    {
        lock (_lock)
        {
            while (true)
            {
                while (_listed.TryDequeue(out SaveLine? line))
                {
                    line.IsListed = false;
                    if (TryTake(line, out next))
                    {
                        return true;
                    }
                }

                if (_isCompleted && _lines.Count == 0)
                {
                    next = null;
                    return false;
                }

                _idleThreads++;
                Monitor.Wait(_lock);
                _idleThreads--;
            }
        }
    }

    private bool TryTake(ContainerMemory memory, [NotNullWhen(true)] out PendingSnapshot? next)
    {
        lock (_lock)
        {
            next = null;
            return _lines.TryGetValue(memory, out SaveLine? line) && TryTake(line, out next);
        }
    }

    private static bool TryTake(SaveLine line, [NotNullWhen(true)] out PendingSnapshot? next)
    {
        next = null;
        return !line.IsSaving && (line.IsSaving = line.Waiting.TryDequeue(out next));
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
                SaveLine line = _lines[snapshot.Memory];
                line.IsSaving = false;
                if (line.Waiting.Count > 0)
                {
                    List(line);
                }
                else if (_lines.Remove(snapshot.Memory) && _isCompleted)
                {
                    Monitor.PulseAll(_lock);
                }
            }
        }
    }

    /// <summary>Somebody may take it up.</summary>
    private void List(SaveLine line)
    {
        if (!line.IsSaving && !line.IsListed)
        {
            line.IsListed = true;
            _listed.Enqueue(line);
            Monitor.Pulse(_lock);
        }
    }
}

using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Runtime.Core.Memory;

namespace Runtime.Core.Snapshots;

/// <summary>
/// Snapshots that are to be saved: those of one container one after another, those of several beside each other, so
/// that their manager can make one commit of them. By threads of its own, or by one that has nothing to do but wait for
/// a snapshot, which spares two changes of threads: its own threads leave it a moment to come.
/// </summary>
/// <remarks>
/// Thread safe. The threads are never those of the pool: all of them may sit in faults that wait for one.
/// </remarks>
internal sealed class SaveQueue : IDisposable
{
    private const int MostThreads = 8;
    private const int MomentMs = 1;
    private const int OwnMomentMs = 50;

    private readonly object _lock = new();                          // guards the fields below; also waited on
    private readonly Dictionary<ContainerMemory, SaveLine> _lines = [];
    private readonly Queue<SaveLine> _listed = [];                  // some may have been taken up meanwhile
    private readonly List<Thread> _threads = [];
    private readonly Func<PendingSnapshot, bool> _save;
    private int _idleThreads;
    private int _dozingThreads;                                     // they wake by themselves
    private bool _isUrgent;                                         // until nothing is listed
    private bool _isCompleted;

    /// <param name="save">
    /// Saves one and says whether it has ended; otherwise <see cref="Release"/> will say so.
    /// </param>
    internal SaveQueue(Func<PendingSnapshot, bool> save) => _save = save;

    /// <param name="snapshot">Those of one container have to come in the order of their cuts.</param>
    /// <param name="isOwn">Whether who cut it is about to save it (see <see cref="SaveUntil"/>).</param>
    internal void Add(PendingSnapshot snapshot, bool isOwn)
    {
        long moment = Stopwatch.Frequency * (isOwn ? OwnMomentMs : MomentMs) / 1000;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isCompleted, this);
            if (!_lines.TryGetValue(snapshot.Memory, out SaveLine? line))
            {
                _lines.Add(snapshot.Memory, line = new SaveLine());
            }

            line.Waiting.Enqueue(snapshot);
            List(line, due: Stopwatch.GetTimestamp() + moment);
        }
    }

    /// <summary>Somebody waits who does not save: no more moments are left to others.</summary>
    internal void Hurry()
    {
        lock (_lock)
        {
            _isUrgent = _listed.Count > 0;
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>
    /// Saves what comes before a snapshot, and the snapshot, and those that it waits for, unless somebody else is about
    /// it.
    /// </summary>
    internal void SaveUntil(PendingSnapshot snapshot)
    {
        while (!snapshot.Snapshot.HasEnded && TryTakeFor(snapshot, out PendingSnapshot? next))
        {
            SaveTaken(next);
        }
    }

    /// <summary>A snapshot has ended after all: the next of its container may be saved.</summary>
    internal void Release(PendingSnapshot snapshot)
    {
        lock (_lock)
        {
            if (!TryFindSaving(snapshot, out SaveLine? line))
            {
                return;                                             // it was given up
            }

            line.Release();
            if (line.Waiting.Count > 0)
            {
                List(line, due: 0);
            }
            else if (_lines.Remove(snapshot.Memory) && _isCompleted)
            {
                Monitor.PulseAll(_lock);
            }
        }
    }

    /// <summary>What is being saved now.</summary>
    internal PendingSnapshot[] Saving
    {
        get
        {
            lock (_lock)
            {
                return [.. _lines.Values.Select(line => line.Saving).OfType<PendingSnapshot>()];
            }
        }
    }

    /// <summary>
    /// Whoever saves it does not come back: the thread is not waited for, and what comes after it has its turn.
    /// </summary>
    internal void GiveUp(PendingSnapshot snapshot)
    {
        lock (_lock)
        {
            if (TryFindSaving(snapshot, out SaveLine? line))
            {
                _threads.Remove(line.Saver!);
                Release(snapshot);
            }
        }
    }

    /// <summary>Saves what was added, and ends the threads.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isCompleted = true;
            Monitor.PulseAll(_lock);
            while (_lines.Count > 0)
            {
                Monitor.Wait(_lock);
            }
        }

        // No line, no new thread.
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
        next = null;
        lock (_lock)
        {
            if (!_threads.Contains(Thread.CurrentThread))
            {
                return false;                                       // it was given up, and has come back
            }

            while (!TryTakeListed(out next))
            {
                if (_listed.Count > 0)
                {
                    _dozingThreads++;
                    Monitor.Wait(_lock, MomentMs);
                    _dozingThreads--;
                }
                else if (_isCompleted && _lines.Count == 0)
                {
                    return false;
                }
                else
                {
                    _idleThreads++;
                    Monitor.Wait(_lock);
                    _idleThreads--;
                }
            }

            if (_listed.Count > 0)
            {
                WakeThread();
            }

            return true;
        }
    }

    private bool TryTakeListed([NotNullWhen(true)] out PendingSnapshot? next)
    {
        while (_listed.TryPeek(out SaveLine? line))
        {
            if (line.Saving is null && line.Waiting.Count > 0
                && line.Due > Stopwatch.GetTimestamp() && !_isUrgent && !_isCompleted)
            {
                break;
            }

            _listed.Dequeue();
            line.IsListed = false;
            if (line.TryTake(out next))
            {
                _isUrgent &= _listed.Count > 0;                     // not for what is cut while this is saved
                return true;
            }
        }

        _isUrgent &= _listed.Count > 0;
        next = null;
        return false;
    }

    private bool TryTakeFor(PendingSnapshot snapshot, [NotNullWhen(true)] out PendingSnapshot? next)
    {
        if (TryTake(snapshot.Memory, out next))
        {
            return true;
        }

        foreach (PendingSnapshot member in snapshot.Joint?.Members ?? [])
        {
            if (TryTake(member.Memory, out next))
            {
                return true;
            }
        }

        return false;
    }

    private bool TryTake(ContainerMemory memory, [NotNullWhen(true)] out PendingSnapshot? next)
    {
        lock (_lock)
        {
            next = null;
            return _lines.TryGetValue(memory, out SaveLine? line) && line.TryTake(out next);
        }
    }

    private bool TryFindSaving(PendingSnapshot snapshot, [NotNullWhen(true)] out SaveLine? line) =>
        _lines.TryGetValue(snapshot.Memory, out line) && line.Saving == snapshot;

    private void SaveTaken(PendingSnapshot snapshot)
    {
        bool hasEnded = true;                                       // also if it throws
        try
        {
            hasEnded = _save(snapshot);
        }
        finally
        {
            if (hasEnded && !snapshot.IsGivenUp)                    // else whoever gave it up does
            {
                Release(snapshot);
            }
        }
    }

    /// <summary>Somebody may take it up.</summary>
    private void List(SaveLine line, long due)
    {
        if (line.Saving is null && !line.IsListed)
        {
            line.IsListed = true;
            line.Due = due;
            _listed.Enqueue(line);
            WakeThread();
        }
    }

    private void WakeThread()
    {
        if (_dozingThreads > 0)
        {
            return;
        }

        if (_idleThreads > 0)
        {
            Monitor.PulseAll(_lock);                                // who disposes may wait, too, and takes nothing up
        }
        else if (_threads.Count < MostThreads)
        {
            _threads.Add(Start());
        }
    }
}

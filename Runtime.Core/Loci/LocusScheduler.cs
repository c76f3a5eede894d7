namespace Runtime.Core.Loci;

/// <summary>Gives loci that are ready a thread, in turn: a step or a few each, so that all make progress.</summary>
/// <remarks>
/// Thread safe. There are as many threads as <see cref="KernelOptions.LocusThreads"/> says for loci in step style, and
/// one more for each stack that code in direct style holds, up to a limit; beyond it such loci wait for each other.
/// A locus that is not ready has no thread.
/// </remarks>
internal sealed class LocusScheduler : IDisposable
{
    private readonly object _lock = new();                          // guards the fields below; also waited on
    private readonly Queue<LocusEntity> _ready = new();
    private readonly Queue<LocusEntity> _waiting = new();          // ready, but for a stack that none is left of
    private readonly List<Thread> _threads = [];
    private readonly int _wanted;
    private readonly int _mostHeld;
    private int _idle;                                              // threads that nobody has woken yet
    private int _held;                                              // threads whose stack belongs to a locus
    private bool _isDisposed;

    internal LocusScheduler(int threads, int directLoci)
    {
        _wanted = threads;
        _mostHeld = directLoci;
    }

    internal void Add(LocusEntity locus)
    {
        lock (_lock)
        {
            AddUnsynchronized(locus);
        }
    }

    /// <summary>The calling thread's stack belongs to a locus now: another thread may take its place.</summary>
    /// <returns>False if as many are held as may be: those for steps must not run out.</returns>
    internal bool TryBeginHold()
    {
        lock (_lock)
        {
            if (_held == _mostHeld)
            {
                return false;
            }

            _held++;
            if (_ready.Count > 0)
            {
                WakeUnsynchronized();
            }

            return true;
        }
    }

    internal void EndHold()
    {
        lock (_lock)
        {
            _held--;
            OfferStackUnsynchronized();
        }
    }

    /// <summary>Takes on a locus for which there was no stack.</summary>
    internal void AddForHold(LocusEntity locus)
    {
        lock (_lock)
        {
            if (_held < _mostHeld)
            {
                AddUnsynchronized(locus);
            }
            else
            {
                _waiting.Enqueue(locus);
            }
        }
    }

    /// <summary>Ends the threads as soon as no locus uses them.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>
    /// Gives one that waits a turn if there is a stack for it. It may not take it, and end or rest instead: so each
    /// turn begins with this, until a stack is taken or nobody waits.
    /// </summary>
    private void OfferStackUnsynchronized()
    {
        if (_held < _mostHeld && _waiting.TryDequeue(out LocusEntity? locus))
        {
            AddUnsynchronized(locus);
        }
    }

    private void AddUnsynchronized(LocusEntity locus)
    {
        _ready.Enqueue(locus);
        WakeUnsynchronized();
    }

    private void WakeUnsynchronized()
    {
        if (_idle > 0)
        {
            _idle--;                                                // here, so that the next one wakes another thread
            Monitor.Pulse(_lock);
        }
        else if (_threads.Count < _wanted + _held && !_isDisposed)
        {
            var thread = new Thread(Run) { IsBackground = true, Name = "katydid locus" };
            _threads.Add(thread);
            thread.Start();
        }
    }

    private void Run()
    {
        while (TryTake(out LocusEntity? locus))
        {
            locus!.TakeTurn();
        }
    }

    private bool TryTake(out LocusEntity? locus)
    {
        lock (_lock)
        {
            OfferStackUnsynchronized();
            while (!_ready.TryDequeue(out locus) || _isDisposed)
            {
                // Those that took the place of one whose stack is free again are too many.
                if (_isDisposed || _threads.Count > _wanted + _held)
                {
                    _threads.Remove(Thread.CurrentThread);
                    return false;
                }

                _idle++;
                Monitor.Wait(_lock);
            }

            return true;
        }
    }
}

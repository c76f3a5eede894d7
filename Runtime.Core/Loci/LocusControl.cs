namespace Runtime.Core.Loci;

/// <summary>
/// Whether a locus rests, waits for a thread or has one: every move between these, and who may make it.
/// </summary>
/// <remarks>Thread safe. Whoever is told to schedule the locus does it outside of the lock.</remarks>
internal sealed class LocusControl
{
    private readonly object _lock = new();                          // guards the fields below; also waited on
    private volatile LocusRequests _requests;
    private Activity _activity;
    private bool _restsHere;                                        // running, but at rest on its thread

    private enum Activity
    {
        Idle,
        Queued,
        Running,
        Ended,
    }

    /// <summary>What is wanted of it now.</summary>
    internal LocusRequests Requests => _requests;

    /// <summary>Whether it is to rest, and nothing else has to be done before.</summary>
    internal bool IsToRest => IsToRestWith(_requests);

    internal LocusState State
    {
        get
        {
            lock (_lock)
            {
                return _activity == Activity.Ended ? LocusState.Ended
                    : (_requests & LocusRequests.Suspend) != 0 ? LocusState.Suspended
                    : _activity == Activity.Running ? LocusState.Running
                    : _activity == Activity.Queued ? LocusState.Ready
                    : LocusState.Suspended;
            }
        }
    }

    /// <summary>Begins a life: resting, or on a thread that executes it from now on.</summary>
    internal void Begin(bool isRunning)
    {
        lock (_lock)
        {
            _requests = isRunning ? LocusRequests.None : LocusRequests.Suspend;
            _activity = isRunning ? Activity.Running : Activity.Idle;
        }
    }

    /// <returns>Whether the locus is to be scheduled.</returns>
    internal bool Resume()
    {
        lock (_lock)
        {
            _requests &= ~LocusRequests.Suspend;
            Monitor.PulseAll(_lock);
            return QueueIfIdleUnsynchronized();
        }
    }

    /// <summary>It begins no step any more; the one that it is in ends first.</summary>
    /// <param name="request">Until it is resumed, or for good.</param>
    internal void Suspend(LocusRequests request = LocusRequests.Suspend)
    {
        lock (_lock)
        {
            _requests |= request;
        }
    }

    /// <summary>Asks for something that must be done even if the locus rests.</summary>
    /// <returns>Whether the locus is to be scheduled.</returns>
    internal bool Demand(LocusRequests request)
    {
        lock (_lock)
        {
            _requests |= request;
            Monitor.PulseAll(_lock);

            // One that is queued may be so behind others that do not end; taken up twice, it has a turn once.
            return QueueIfIdleUnsynchronized() || _activity == Activity.Queued;
        }
    }

    /// <summary>It left the containers that were gone.</summary>
    internal void ForgetReturn()
    {
        lock (_lock)
        {
            _requests &= ~LocusRequests.Return;
        }
    }

    /// <summary>A thread takes it up.</summary>
    internal bool TryBeginTurn()
    {
        lock (_lock)
        {
            if (_activity != Activity.Queued)
            {
                return false;
            }

            _activity = Activity.Running;
            return true;
        }
    }

    /// <summary>The thread lets go of it.</summary>
    /// <param name="mustGoOn">Whether there is something to do even if it is to rest.</param>
    /// <returns>Whether the locus is to be scheduled again.</returns>
    internal bool EndTurn(bool mustGoOn)
    {
        lock (_lock)
        {
            if (_activity == Activity.Ended)
            {
                return false;
            }

            bool rests = IsToRest && !mustGoOn;
            _activity = rests ? Activity.Idle : Activity.Queued;
            Monitor.PulseAll(_lock);
            return !rests;
        }
    }

    /// <summary>For a thread whose stack holds the locus's code: rests here.</summary>
    internal void RestHere()
    {
        lock (_lock)
        {
            _restsHere = true;
            Monitor.PulseAll(_lock);
            while (IsToRest)
            {
                Monitor.Wait(_lock);
            }

            _restsHere = false;
        }
    }

    /// <summary>Waits until no thread executes it.</summary>
    internal bool WaitForRest(long untilMs) => WaitUntil(
        static control => control._activity != Activity.Running || control._restsHere, untilMs);

    /// <summary>Waits until it has ended.</summary>
    internal bool WaitForEnd(long untilMs) =>
        WaitUntil(static control => control._activity == Activity.Ended, untilMs);

    internal void End()
    {
        lock (_lock)
        {
            _activity = Activity.Ended;
            Monitor.PulseAll(_lock);
        }
    }

    private static bool IsToRestWith(LocusRequests requests) =>
        (requests & (LocusRequests.Suspend | LocusRequests.Pause)) != 0
        && (requests & (LocusRequests.End | LocusRequests.Return)) == 0;

    private bool WaitUntil(Func<LocusControl, bool> isReached, long untilMs)
    {
        lock (_lock)
        {
            while (!isReached(this))
            {
                long left = untilMs - Environment.TickCount64;
                if (left <= 0 || !Monitor.Wait(_lock, (int)left))
                {
                    return isReached(this);
                }
            }

            return true;
        }
    }

    private bool QueueIfIdleUnsynchronized()
    {
        if (_activity != Activity.Idle)
        {
            return false;
        }

        _activity = Activity.Queued;
        return true;
    }
}

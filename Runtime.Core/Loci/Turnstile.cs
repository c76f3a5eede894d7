using Runtime.Core.Memory;

namespace Runtime.Core.Loci;

/// <summary>
/// Counts the loci that execute in a container, and keeps them out while it is cut or closed, or when it is gone.
/// </summary>
/// <remarks>Thread safe. Passing is one interlocked operation each way.</remarks>
internal sealed class Turnstile
{
    private readonly InFlight _inside = new();
    private readonly object _lock = new();                          // guards _isGone, and who closes and opens
    private bool _isGone;

    /// <summary>Whether those inside are asked to leave, for a while or for good.</summary>
    internal bool IsClosed => _inside.IsClosed;

    /// <summary>Enters, after a cut if one is being made.</summary>
    /// <returns>False if the container is gone.</returns>
    internal bool TryEnter()
    {
        if (_inside.TryEnter())
        {
            return true;
        }

        lock (_lock)
        {
            while (!_isGone)
            {
                if (_inside.TryEnter())
                {
                    return true;
                }

                Monitor.Wait(_lock);
            }
        }

        return false;
    }

    /// <summary>Enters if nobody is to wait.</summary>
    internal bool TryEnterNow() => _inside.TryEnter();

    /// <summary>Waits while a cut is being made.</summary>
    /// <returns>False if the container is gone.</returns>
    internal bool WaitUntilOpen()
    {
        lock (_lock)
        {
            while (!_isGone && _inside.IsClosed)
            {
                Monitor.Wait(_lock);
            }

            return !_isGone;
        }
    }

    internal void Leave() => _inside.Leave();

    /// <summary>Lets nobody in and waits for those inside.</summary>
    /// <returns>False if they stay longer than that; all may go on then.</returns>
    internal bool TryHold(long untilMs)
    {
        lock (_lock)
        {
            while (!_isGone && !_inside.TryClose())
            {
                Monitor.Wait(_lock);
            }
        }

        if (_inside.WaitUntilEmpty((int)Math.Max(0, untilMs - Environment.TickCount64)))
        {
            return true;
        }

        Release();
        return false;
    }

    internal void Release()
    {
        lock (_lock)
        {
            if (!_isGone)
            {
                _inside.Reopen();
            }

            Monitor.PulseAll(_lock);
        }
    }

    /// <summary>The container is gone: nobody enters any more, and those inside find it closed.</summary>
    internal void Retire()
    {
        lock (_lock)
        {
            _isGone = true;
            _inside.TryClose();
            Monitor.PulseAll(_lock);
        }
    }
}

namespace Runtime.Core.Memory;

/// <summary>The threads on which managers that await go on.</summary>
/// <remarks>
/// Thread safe. Begun when there is something to do, and ended when there was nothing for a while. One that waits in a
/// fault of its own is replaced meanwhile: what it waits for may need a thread.
/// </remarks>
internal sealed class TaskThreads : IDisposable
{
    private const int IdleTimeoutMs = 10_000;

    [ThreadStatic]
    private static TaskThreads? s_current;

    private readonly object _lock = new();                          // guards the fields below; also waited on
    private readonly Queue<Action> _ready = new();
    private readonly int _most;
    private int _threads;
    private int _blocked;
    private int _idle;
    private bool _isDisposed;

    internal TaskThreads(int most)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);
        _most = most;
    }

    /// <summary>Whose the calling thread is; null for none's.</summary>
    internal static TaskThreads? Current => s_current;

    internal void Enqueue(Action work)
    {
        lock (_lock)
        {
            _ready.Enqueue(work);
            Monitor.Pulse(_lock);
            AddThreadUnsynchronized();
        }
    }

    /// <summary>The calling thread, one of these, is going to wait.</summary>
    internal void BeginWait()
    {
        lock (_lock)
        {
            _blocked++;
            AddThreadUnsynchronized();
        }
    }

    internal void EndWait()
    {
        lock (_lock)
        {
            _blocked--;
        }
    }

    /// <summary>Threads end as soon as there is nothing to do.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            Monitor.PulseAll(_lock);
        }
    }

    private void AddThreadUnsynchronized()
    {
        if (_ready.Count > _idle && _threads - _blocked < _most)
        {
            _threads++;
            new Thread(Run) { IsBackground = true, Name = "katydid task" }.UnsafeStart();
        }
    }

    private void Run()
    {
        s_current = this;
        while (TryTake(out Action? work))
        {
            work!();
        }
    }

    private bool TryTake(out Action? work)
    {
        lock (_lock)
        {
            bool isSurplus = _threads - _blocked > _most;
            while (_ready.Count == 0 && !isSurplus && !_isDisposed)
            {
                _idle++;
                isSurplus = !Monitor.Wait(_lock, IdleTimeoutMs);
                _idle--;
            }

            if (!_ready.TryDequeue(out work))
            {
                _threads--;
                return false;
            }

            AddThreadUnsynchronized();
            return true;
        }
    }
}

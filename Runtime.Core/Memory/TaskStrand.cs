using Runtime.Native;

namespace Runtime.Core.Memory;

/// <summary>The continuations of one task, one after the other, on the kernel's threads.</summary>
/// <remarks>
/// Thread safe. A task's awaits find it as their synchronization context. Faults that happen meanwhile are nested in
/// what the task serves.
/// </remarks>
internal sealed class TaskStrand : SynchronizationContext
{
    private readonly Lock _lock = new();                            // guards _steps, _isReady
    private readonly Queue<(SendOrPostCallback Step, object? State)> _steps = new();
    private readonly TaskThreads _threads;
    private readonly Action _run;
    private bool _isReady;

    internal TaskStrand(TaskThreads threads)
    {
        _threads = threads;
        _run = RunNext;
    }

    /// <summary>The fault context that the task serves; 0 for none. Set by the strand itself.</summary>
    internal ulong Serving { get; set; }

    public override void Post(SendOrPostCallback d, object? state)
    {
        lock (_lock)
        {
            _steps.Enqueue((d, state));
            if (_isReady)
            {
                return;
            }

            _isReady = true;
        }

        _threads.Enqueue(_run);
    }

    public override void Send(SendOrPostCallback d, object? state)
    {
        if (Current != this)
        {
            throw new NotSupportedException("a request's own thread cannot be waited for");
        }

        d(state);
    }

    public override SynchronizationContext CreateCopy() => this;

    private void RunNext()
    {
        (SendOrPostCallback Step, object? State) next;
        lock (_lock)
        {
            next = _steps.Dequeue();
        }

        Trap.ExchangeServing(Serving);
        SetSynchronizationContext(this);
        next.Step(next.State);
        SetSynchronizationContext(null);
        Trap.ExchangeServing(0);
        lock (_lock)
        {
            if (_steps.Count == 0)
            {
                _isReady = false;
                return;
            }
        }

        _threads.Enqueue(_run);
    }
}

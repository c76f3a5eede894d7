using System.Diagnostics;
using Runtime.Core.Tracing;

namespace Runtime.Tool.Tracing;

/// <summary>
/// Writes calls in the order in which they began, each once it has returned; one that takes long is written before, and
/// again when it returns, so that nobody waits for a manager that hangs.
/// </summary>
/// <remarks>Thread safe.</remarks>
internal sealed class TraceRecorder : ManagerTrace, IDisposable
{
    private readonly Lock _lock = new();                            // guards what follows
    private readonly Dictionary<long, Call> _calls = [];            // that are not written completely
    private readonly TraceWriter _writer;
    private long _next = 1;
    private bool _isEnded;

    private readonly Timer _timer;

    /// <param name="writer">Where they are written; only this one uses it.</param>
    /// <param name="limit">What takes long.</param>
    internal TraceRecorder(TraceWriter writer, TimeSpan limit)
    {
        _writer = writer;
        _timer = new Timer(_ => WriteThoseThatTakeLong(limit), state: null, limit / 2, limit / 2);
    }

    /// <inheritdoc/>
    protected override void Called(in TracedCall call)
    {
        lock (_lock)
        {
            if (!_isEnded)
            {
                _calls.Add(call.Number, new Call(call, Environment.CurrentManagedThreadId));
            }
        }
    }

    /// <inheritdoc/>
    protected override void Returned(in TracedCall call)
    {
        lock (_lock)
        {
            if (_isEnded)
            {
                return;
            }

            Call returned = _calls[call.Number];
            returned.Seen = call;
            if (returned.IsWritten)
            {
                WriteUnsynchronized(returned);
            }

            WriteReturnedUnsynchronized();
        }
    }

    /// <summary>Writes what has not returned either; nothing is written from then on.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        WriteThoseThatTakeLong(TimeSpan.Zero);
        lock (_lock)
        {
            _isEnded = true;
        }
    }

    private void WriteThoseThatTakeLong(TimeSpan limit)
    {
        lock (_lock)
        {
            while (!_isEnded && _calls.TryGetValue(_next, out Call? call)
                && Stopwatch.GetElapsedTime(call.Began) >= limit)
            {
                WriteUnsynchronized(call);
                _next++;
                WriteReturnedUnsynchronized();
            }
        }
    }

    private void WriteReturnedUnsynchronized()
    {
        while (_calls.TryGetValue(_next, out Call? call) && call.Seen.Status is not null)
        {
            WriteUnsynchronized(call);
            _next++;
        }
    }

    private void WriteUnsynchronized(Call call)
    {
        _writer.Write(call.Seen, call.Thread);
        call.IsWritten = true;
        if (call.Seen.Status is not null)
        {
            _calls.Remove(call.Seen.Number);
        }
    }

    private sealed class Call(in TracedCall seen, int thread)
    {
        internal TracedCall Seen { get; set; } = seen;

        internal int Thread => thread;

        internal long Began { get; } = Stopwatch.GetTimestamp();

        internal bool IsWritten { get; set; }
    }
}

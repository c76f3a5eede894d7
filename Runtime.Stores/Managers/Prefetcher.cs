using Runtime.Core;
using Runtime.Core.Managers;

namespace Runtime.Stores.Managers;

/// <summary>
/// Brings planned pages in, on a thread of its own, so that nobody who asks for a page waits for others.
/// </summary>
/// <remarks>Thread safe. Plans that find no room are dropped: they were guesses.</remarks>
internal sealed class Prefetcher(Func<Token, OpenedContainer?> find) : IDisposable
{
    private const int Room = 64;

    // A fault on a page that is on its way waits for its run: so runs are short.
    private const int LongestRun = 64;

    private readonly object _lock = new();                          // guards the fields below
    private readonly (Token Container, ReadAheadPlan Plan)[] _plans = new (Token, ReadAheadPlan)[Room];
    private int _first;
    private int _count;
    private Thread? _thread;
    private bool _isDisposed;

    /// <summary>Where memory for the pages comes from.</summary>
    public PageSet? Pages { get; set; }

    public void Post(Token container, in ReadAheadPlan plan)
    {
        lock (_lock)
        {
            if (_isDisposed || _count == Room)
            {
                return;
            }

            _plans[(_first + _count++) % Room] = (container, plan);
            if (_thread is null)
            {
                _thread = new Thread(Run) { IsBackground = true, Name = "katydid read-ahead" };
                _thread.Start();
            }

            Monitor.Pulse(_lock);
        }
    }

    public void Dispose()
    {
        Thread? thread;
        lock (_lock)
        {
            _isDisposed = true;
            thread = _thread;
            Monitor.Pulse(_lock);
        }

        thread?.Join();
    }

    private void Run()
    {
        while (TryTake(out Token container, out ReadAheadPlan plan))
        {
            try
            {
                if (find(container) is { } opened)
                {
                    Bring(opened, container, plan);
                }
            }
#pragma warning disable CA1031 // Nobody asked for these pages; whoever does will be told what is wrong with them.
            catch (Exception)
#pragma warning restore CA1031
            {
            }
        }
    }

    private bool TryTake(out Token container, out ReadAheadPlan plan)
    {
        lock (_lock)
        {
            while (_count == 0 && !_isDisposed)
            {
                Monitor.Wait(_lock);
            }

            (container, plan) = _plans[_first];
            _first = (_first + 1) % Room;
            _count--;
            return !_isDisposed;
        }
    }

    private void Bring(OpenedContainer opened, Token container, in ReadAheadPlan plan)
    {
        if (plan.Stride is not (1 or -1))
        {
            for (int i = 0; i < plan.Count; i++)
            {
                long page = plan.First + (i * plan.Stride);
                Bring(opened, container, page, page == plan.Marker ? page : page + 1);
            }

            return;
        }

        long low = Math.Min(plan.First, plan.First + ((plan.Count - 1) * plan.Stride));
        Bring(opened, container, low, plan.Marker);
        Bring(opened, container, plan.Marker + 1, low + plan.Count);
    }

    private void Bring(OpenedContainer opened, Token container, long first, long end)
    {
        for (long page = Math.Max(first, 0); page < end;)
        {
            var next = new PageNumber((ulong)page);
            if (!Pages!.TryClaim(container, next, (int)Math.Min(end - page, LongestRun), out PageRun run))
            {
                page++;                                             // there already, or beyond the end
                continue;
            }

            using (run)
            {
                page += run.Count;
                opened.ReadPages(run.First, run.Memory);
                run.Install();
            }
        }
    }
}

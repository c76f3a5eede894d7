using Runtime.Core.Disks;
using Runtime.Core.Storage;

namespace Runtime.Tests.Stores.Logs;

/// <summary>Changes a log and says what it promises.</summary>
internal sealed class LogDriver(Func<IKernelLog> open)
{
    private IKernelLog? _log;
    private int _next = 1;

    public LogDriver(IDisk disk)
        : this(() => LogUse.Open(disk))
    {
    }

    public LogPromise Promise { get; set; } = LogPromise.Nothing;

    public IKernelLog Log => _log!;

    /// <summary>The number behind the newest record's.</summary>
    public int Next
    {
        get => _next;
        init => _next = value;
    }

    /// <summary>What is found must be what was promised, and is promised from now on.</summary>
    public void Open()
    {
        _log = open();
        IReadOnlyList<int> found = Promise.Match(_log.Records, out string? difference);
        Promise = difference is null
            ? new LogPromise(found, [], null)
            : throw new InvalidOperationException($"opened: {difference}");
    }

    public void Append()
    {
        int number = _next++;
        Promise = Promise.Append(number);
        Log.Append(LogUse.Record(number));
    }

    public void Flush()
    {
        Log.Flush();
        Promise = Promise.Flush();
    }

    /// <summary>Keeps every second record, and a new one.</summary>
    public void Compact()
    {
        int[] live = [.. Promise.Flushed.Where((_, i) => i % 2 == 0), _next++];
        Compact(live);
    }

    public void Compact(IReadOnlyList<int> live)
    {
        Promise = Promise with { Compacting = live };
        Log.Compact(LogUse.Records(live));
        Promise = new LogPromise(live, [], null);
    }

    public void Close() => Log.Dispose();

    /// <summary>The process ends; what it had not flushed may be there or not.</summary>
    public void Kill() => _log = null;

    public void Reopen()
    {
        Close();
        Promise = Promise with { Pending = [] };
        Open();
    }

    /// <summary>Anything.</summary>
    public void Step(Random random)
    {
        switch (random.Next(10))
        {
            case < 5:
                Append();
                break;
            case < 8:
                Flush();
                break;
            case 8:
                Compact([.. Promise.Flushed.Where(_ => random.Next(3) == 0).Take(random.Next(12))]);
                break;
            default:
                Reopen();
                break;
        }
    }
}

using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Snapshots;

namespace Runtime.Tool.Stats;

/// <summary>
/// Reads and writes pages of a container by chance, as fast as they come, and checks what it reads; beside it a
/// snapshot now and then, and a lease that holds some pages.
/// </summary>
/// <remarks>Its counters may be read by any thread. Dispose it before the kernel.</remarks>
internal sealed class StoreWorkload : IAsyncDisposable
{
    private const int Workers = 2;

    // Some pages are touched much more often than others, as in life: most touches go to one part in so many.
    private const int HotPart = 8;
    private const int HotTouchesInTen = 8;
    private const int WritesInTen = 3;
    private const int OperationsInRound = 64;
    private const int LeasedPages = 16;
    private const int VersionsKept = 2;

    private static readonly TimeSpan s_betweenSnapshots = TimeSpan.FromMilliseconds(500);

    private readonly CancellationTokenSource _stop = new();
    private readonly Kernel _kernel;
    private readonly Container _container;
    private readonly long _pageCount;
    private long _reads;
    private long _writes;
    private long _snapshots;

    /// <summary>Starts it.</summary>
    internal StoreWorkload(Kernel kernel, Container container)
    {
        _kernel = kernel;
        _container = container;
        _pageCount = PageNumber.CountFor(container.Length);
        IEnumerable<Task> workers = Enumerable.Range(1, Workers).Select(seed => Task.Factory.StartNew(
            () => Touch(new Random(seed)),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default));
        Completion = EndWithTheFirstAsync([.. workers, Task.Run(SnapshotAsync)]);
    }

    /// <summary>Ends after a failure, or when it was told to end.</summary>
    internal Task Completion { get; }

    internal long Reads => Interlocked.Read(ref _reads);

    internal long Writes => Interlocked.Read(ref _writes);

    /// <summary>Those that are durable.</summary>
    internal long Snapshots => Interlocked.Read(ref _snapshots);

    /// <summary>Ends it and throws what it failed with.</summary>
    internal Task EndAsync()
    {
        _stop.Cancel();
        return Completion;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await EndAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    /// <summary>One that fails takes the others with it.</summary>
    private async Task EndWithTheFirstAsync(Task[] tasks)
    {
        await Task.WhenAny(tasks);
        await _stop.CancelAsync();
        await Task.WhenAll(tasks);
    }

    private void Touch(Random random)
    {
        while (!_stop.IsCancellationRequested)
        {
            int writes = 0;
            for (int i = 0; i < OperationsInRound; i++)
            {
                if (random.Next(10) < WritesInTen)
                {
                    Write(SomePage(random));
                    writes++;
                }
                else
                {
                    Read(SomePage(random));
                }
            }

            Interlocked.Add(ref _writes, writes);
            Interlocked.Add(ref _reads, OperationsInRound - writes);
        }
    }

    private long SomePage(Random random) =>
        random.NextInt64(random.Next(10) < HotTouchesInTen ? Math.Max(_pageCount / HotPart, 1) : _pageCount);

    private void Write(long page) => _container.View.Write(page * PageNumber.Size, Content(page));

    private void Read(long page)
    {
        long found = _container.View.Read<long>(page * PageNumber.Size);
        if (found != 0 && found != Content(page))
        {
            throw new RefusedException($"page {page} of the workload holds {found:x16}, not {Content(page):x16}");
        }
    }

    /// <summary>So that a page in the wrong place is seen.</summary>
    private static long Content(long page) => ~page;

    private async Task SnapshotAsync()
    {
        var random = new Random(Workers + 1);
        var retention = new Retention(Last: VersionsKept);
        while (!_stop.IsCancellationRequested)
        {
            using (LeaseSome(random))
            {
                await Task.Delay(s_betweenSnapshots, _stop.Token)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            Snapshot snapshot = await _container.SnapshotAsync();
            await snapshot.WaitForDurableAsync();
            Interlocked.Increment(ref _snapshots);
            _kernel.Retain(_container.Name, retention);
        }
    }

    private Lease LeaseSome(Random random)
    {
        long pages = Math.Min(LeasedPages, _pageCount);
        long first = random.NextInt64(_pageCount - pages + 1);
        return _container.View.Lease(first * PageNumber.Size, (int)(pages * PageNumber.Size), Access.Read);
    }
}

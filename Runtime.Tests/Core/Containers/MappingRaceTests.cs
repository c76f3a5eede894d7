using System.Collections.Concurrent;
using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Memory;
using Runtime.Native;
using Runtime.Tests.Native;
using Runtime.Tests.Support;

namespace Runtime.Tests.Core.Containers;

/// <summary>
/// What is shown changes while threads touch it, pages leave memory, collections run and sources close: everyone sees
/// a page that was or is mapped there, whole, or an exception with a name.
/// </summary>
public class MappingRaceTests(TrapEngine engine) : VersionedFixture(engine)
{
    private const int Unit = ContainerMapping.Granularity;
    private const int PageSize = PageNumber.Size;
    private const int Units = 48;
    private const long Pages = Units * (Unit / PageSize);
    private const long TagUnit = 1_000_000;

    protected override long? MemoryBudget => AvailableMemory.LeastBudget;

    [Test, Deadline(240)]
    public void Mapping_and_unmapping_under_use([Values(1, 2)] int seed)
    {
        Container host = Tagged("host", 1);
        Container[] sources = [Tagged("one", 2), Tagged("two", 3)];
        Container middle = Tagged("middle", 4);
        using ContainerWindow window = host.OpenWindow();
        using var collections = new Collections(gapMs: 20);
        using var stop = new CancellationTokenSource();
        var failures = new ConcurrentQueue<Exception>();
        Action<ContainerView, Random>[] uses = [UseAccessors, UseLeases, UsePointers, UseAccessors];
        Thread[] threads = [.. uses.Select((use, index) => new Thread(() => Until(
            use, index == 3 ? window.View : host.View, new Random((seed * 10) + index), failures, stop.Token)))];
        Array.ForEach(threads, thread => thread.Start());
        var random = new Random(seed);
        int changes = 0;
        int delayed = 0;
        int attempts = OperatingSystem.IsWindows() ? 150 : 1500;
        try
        {
            for (int i = 0; i < attempts && failures.IsEmpty; i++)
            {
                switch (ChangeMappings(random, host, window, middle, sources))
                {
                    case Status.Success:
                        changes++;
                        break;
                    case Status.LeasesOutstanding:
                        delayed++;                                  // the machine was busy for a second
                        break;
                    case Status.Overlap or Status.OutOfRange:
                        break;                                      // something is mapped there already, or nothing
                    case var status:
                        Assert.Fail($"seed {seed}, change {i}: {status}");
                        break;
                }
            }
        }
        finally
        {
            stop.Cancel();
            Array.ForEach(threads, thread => thread.Join());
        }

        Assert.That(failures, Is.Empty, $"seed {seed}");
        Assert.That(changes, Is.GreaterThan(attempts / 4), $"seed {seed}, {delayed} delayed");
        TestContext.Out.WriteLine($"{changes} changes, {delayed} delayed, {host.Statistics}, {middle.Statistics}");
    }

    [Test, Deadline(240)]
    public void Sources_that_close_under_use_are_named()
    {
        using Container host = Tagged("host", 1);
        using var collections = new Collections(gapMs: 20);
        int rounds = OperatingSystem.IsWindows() ? 5 : 15;
        for (int round = 0; round < rounds; round++)
        {
            Container source = Tagged($"s{round}", 2);
            host.Map(0, source, 0, Units * Unit, Access.Write);
            var gone = new ConcurrentQueue<Exception>();
            Action<ContainerView, Random>[] uses = [UseAccessors, UseLeases, UsePointers];
            Thread[] threads = [.. uses.Select((use, index) => new Thread(() =>
                Until(use, host.View, new Random((round * 10) + index), gone, CancellationToken.None)))];
            Array.ForEach(threads, thread => thread.Start());
            Thread.Sleep(5);
            Close(source);
            Array.ForEach(threads, thread => thread.Join());
            Assert.That(gone, Has.Count.EqualTo(3).And.All.TypeOf<ContainerFaultException>()
                .With.Property("Status").EqualTo(Status.ContainerGone).And.Property("Container").EqualTo($"s{round}"));
            host.Unmap(0, Units * Unit);
            UseAccessors(host.View, new Random(round));
        }
    }

    private Container Tagged(string name, long tag)
    {
        Container container = Open(name, Pages);
        for (long page = 0; page < Pages; page++)
        {
            container.View.Write(page * PageSize, (tag * TagUnit) + page);
        }

        return container;
    }

    private static Status ChangeMappings(
        Random random, Container host, ContainerWindow window, Container middle, Container[] sources)
    {
        try
        {
            ChangeOrThrow(random, host, window, middle, sources);
            return Status.Success;
        }
        catch (KernelException refused)
        {
            return refused.Status;
        }
    }

    private static void ChangeOrThrow(
        Random random, Container host, ContainerWindow window, Container middle, Container[] sources)
    {
        // At the offset that it has in its source, so that each page is known by its number wherever it is seen.
        long first = random.Next(Units);
        long offset = first * Unit;
        long length = (1 + random.NextInt64(Math.Min(Units - first, 8))) * Unit;
        Container source = sources[random.Next(sources.Length)];
        switch (random.Next(6))
        {
            case 0:
                host.Map(offset, source, offset, length, Access.Write);
                break;
            case 1:
                host.Map(offset, middle, offset, length, Access.Write);
                break;
            case 2:
                middle.Map(offset, source, offset, length, Access.Write);
                break;
            case 3:
                window.Map(offset, source, offset, length, Access.Write);
                break;
            case 4:
                Unmap(random, window.Mappings, window.Unmap);
                break;
            default:
                Container container = random.Next(2) == 0 ? host : middle;
                Unmap(random, container.Mappings, container.Unmap);
                break;
        }
    }

    private static void Unmap(Random random, IReadOnlyList<ContainerMapping> mappings, Action<long, long> unmap)
    {
        if (mappings.Count > 0)
        {
            ContainerMapping mapping = mappings[random.Next(mappings.Count)];
            unmap(mapping.Offset, mapping.Length);
        }
    }

    private static void Close(Container container)
    {
        while (true)
        {
            try
            {
                container.Dispose();
                return;
            }
            catch (KernelException failure) when (failure.Status == Status.LeasesOutstanding)
            {
                // The machine was busy for a second.
            }
        }
    }

    private static void Until(
        Action<ContainerView, Random> use,
        ContainerView view,
        Random random,
        ConcurrentQueue<Exception> failures,
        CancellationToken stop)
    {
        try
        {
            while (!stop.IsCancellationRequested)
            {
                use(view, random);
            }
        }
        catch (Exception failure)
        {
            failures.Enqueue(failure);
        }
    }

    /// <summary>A page is written with what it holds, whosever it is.</summary>
    private static void UseAccessors(ContainerView view, Random random)
    {
        long page = random.NextInt64(Pages);
        long seen = view.Read<long>(page * PageSize);
        Check(page, seen);
        view.CompareExchange(page * PageSize, seen, seen);
    }

    private static void UseLeases(ContainerView view, Random random)
    {
        long page = random.NextInt64(Pages - 20);
        int count = 1 + random.Next(20);
        using Lease lease = view.Lease(page * PageSize, count * PageSize, (Access)random.Next(2));
        for (int i = 0; i < count; i++)
        {
            Span<byte> first = lease.Span.Slice(i * PageSize, sizeof(long));
            long seen = BitConverter.ToInt64(first);
            Check(page + i, seen);
            if (lease.Access == Access.Write)
            {
                BitConverter.TryWriteBytes(first, seen);
            }
        }
    }

    /// <summary>
    /// A source that was closed, and a rescue, are a <see cref="NullReferenceException"/> here. The accessor says
    /// which; and under Wine the runtime can stop a thread only where it calls native code (docs/platforms.md).
    /// </summary>
    private static unsafe void UsePointers(ContainerView view, Random random)
    {
        long page = random.NextInt64(Pages);
        try
        {
            long* place = (long*)(view.DangerousPointer + (page * PageSize));
            long seen = Volatile.Read(ref *place);
            Check(page, seen);
            Interlocked.CompareExchange(ref *place, seen, seen);
        }
        catch (NullReferenceException)
        {
            // Closed, or rescued.
        }

        view.Read<byte>(page * PageSize);
    }

    private static void Check(long page, long seen)
    {
        if (seen % TagUnit != page || seen / TagUnit is < 1 or > 4)
        {
            throw new InvalidOperationException($"page {page} showed {seen}");
        }
    }
}

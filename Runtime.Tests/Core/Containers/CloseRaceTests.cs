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
/// Whatever touches a container while it closes, while its pages leave memory and collections run, sees what was
/// written or an exception with a name: never another's bytes, and never a crash.
/// </summary>
public class CloseRaceTests(TrapEngine engine) : VersionedFixture(engine)
{
    private const int Rounds = 15;
    private const long Pages = 512;
    private const int PageSize = PageNumber.Size;

    protected override long? MemoryBudget => AvailableMemory.LeastBudget;

    private delegate void Use(Container container, Random random);

    private static IEnumerable<TestCaseData> Uses =>
    [
        new TestCaseData((Use)UseAccessors).SetArgDisplayNames("accessors"),
        new TestCaseData((Use)UseLeases).SetArgDisplayNames("leases"),
        new TestCaseData((Use)UseStreams).SetArgDisplayNames("streams"),
        new TestCaseData((Use)UsePointers).SetArgDisplayNames("pointers"),
    ];

    [Test, Deadline(120)]
    public void Closing_one_container_leaves_the_faults_of_others_alone()
    {
        const int Opened = 60;
        Container other = Open("other", Pages);
        Wine.TouchChunks(other);
        int stop = 0;
        Thread[] users = [.. Enumerable.Range(0, 2).Select(index => new Thread(() =>
        {
            var random = new Random(index);
            while (Volatile.Read(ref stop) == 0)
            {
                // The budget is small, so that most of these fault.
                long page = (random.NextInt64(Pages / 2) * 2) + index;
                long before = other.View.Read<long>(page * PageSize);
                other.View.Write(page * PageSize, before + 1);
                if (other.View.Read<long>(page * PageSize) != before + 1)
                {
                    Interlocked.Exchange(ref stop, -1);
                }
            }
        }))];
        Array.ForEach(users, user => user.Start());
        for (int i = 0; i < Opened && Volatile.Read(ref stop) == 0; i++)
        {
            Container brief = Open($"brief {i}", Pages);
            UseAccessors(brief, new Random(i));
            brief.Dispose();
        }

        Interlocked.CompareExchange(ref stop, 1, 0);
        Array.ForEach(users, user => user.Join());
        Assert.That(stop, Is.EqualTo(1), "a write was lost");
        Assert.That(other.Statistics.WriteFaults + other.Statistics.ReadFaults, Is.GreaterThan(Opened));
        other.Dispose();
    }

    [TestCaseSource(nameof(Uses)), Deadline(240)]
    public void Closing_under_use(Delegate use)
    {
        using var collections = new Collections(gapMs: 20);
        for (int round = 0; round < Rounds; round++)
        {
            Container container = Open($"c{round}", Pages);
            Container neighbour = Open($"n{round}", Pages);
            Wine.TouchChunks(container);
            var failures = new ConcurrentQueue<Exception>();
            Thread[] threads = [.. Enumerable.Range(0, 3).Select(index => new Thread(() =>
                UntilClosed((Use)use, container, new Random(round * 10 + index), failures)))];
            Array.ForEach(threads, thread => thread.Start());
            for (long page = 0; page < 64; page++)
            {
                neighbour.View.Write(page * PageSize, -1L);         // what nobody may see through the other
            }

            Thread.Sleep(5);
            Close(container);
            neighbour.Dispose();
            Array.ForEach(threads, thread => thread.Join());
            Assert.That(failures, Is.Empty, $"round {round}");
        }
    }

    [Test, Deadline(240)]
    public void Nobody_need_close_what_nobody_refers_to()
    {
        for (int round = 0; round < 50; round++)
        {
            ContainerView view = ViewOfClosed($"c{round}");
            if (round % 10 == 0)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }

            Assert.That(() => view.Read<long>(0), Throws.TypeOf<ObjectDisposedException>());
        }
    }

    private ContainerView ViewOfClosed(string name)
    {
        using Container container = Open(name);
        container.View.Write(0, 1L);
        return container.View;
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

    private static void UntilClosed(Use use, Container container, Random random, ConcurrentQueue<Exception> failures)
    {
        try
        {
            while (true)
            {
                use(container, random);
            }
        }
        catch (ObjectDisposedException)
        {
            // That is how it ends.
        }
        catch (Exception failure)
        {
            failures.Enqueue(failure);
        }
    }

    /// <summary>Each page holds its own number or nothing yet.</summary>
    private static void UseAccessors(Container container, Random random)
    {
        long page = random.NextInt64(Pages);
        Check(page, container.View.Read<long>(page * PageSize));
        container.View.Write(page * PageSize, page);
    }

    private static void UseLeases(Container container, Random random)
    {
        long page = random.NextInt64(Pages - 4);
        using Lease lease = container.View.Lease(page * PageSize, 3 * PageSize, Access.Write);
        for (int i = 0; i < 3; i++)
        {
            Span<byte> first = lease.Span.Slice(i * PageSize, sizeof(long));
            Check(page + i, BitConverter.ToInt64(first));
            BitConverter.TryWriteBytes(first, page + i);
        }
    }

    private static void UseStreams(Container container, Random random)
    {
        using ContainerStream stream = container.OpenStream();
        stream.Position = random.NextInt64(Pages) * PageSize;
        long page = stream.Position / PageSize;
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        stream.ReadExactly(bytes);
        Check(page, BitConverter.ToInt64(bytes));
        stream.Position = page * PageSize;
        BitConverter.TryWriteBytes(bytes, page);
        stream.Write(bytes);
    }

    /// <summary>A closed container, and a rescue, are a <see cref="NullReferenceException"/> here.</summary>
    private static unsafe void UsePointers(Container container, Random random)
    {
        long page = random.NextInt64(Pages);
        try
        {
            long* place = (long*)(container.View.DangerousPointer + page * PageSize);
            Check(page, Volatile.Read(ref *place));
            Volatile.Write(ref *place, page);
        }
        catch (NullReferenceException)
        {
            container.View.Read<byte>(page * PageSize);             // throws if it is closed
        }

        GC.KeepAlive(container);
    }

    private static void Check(long page, long value) => Assert.That(value, Is.EqualTo(page).Or.Zero);
}

using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Storage;
using Runtime.Tests.Core;
using Runtime.Tests.Support;

namespace Runtime.Tests.Stores.Managers;

/// <summary>
/// What every manager of the library keeps: each is tested by a fixture that says where its containers come from.
/// </summary>
public abstract class ManagerContract
{
    /// <summary>Neither a multiple of a page nor of 64 KiB.</summary>
    protected const int Length = (300 * PageNumber.Size) + 1234;

    private protected const int PageCount = 301;

    private protected const string Name = "a";

    // One more than the container has, in a window that is larger.
    private const long Beyond = PageCount * (long)PageNumber.Size;

    /// <summary>Where the test may keep what it likes.</summary>
    private protected TemporaryDirectory Directory { get; private set; } = null!;

    /// <summary>Whether nobody may write its containers.</summary>
    private protected abstract bool IsReadOnly { get; }

    /// <summary>Whether its warm faults allocate nothing.</summary>
    private protected virtual bool AllocatesNothing => false;

    [SetUp]
    public void CreateDirectory() => Directory = new TemporaryDirectory();

    [TearDown]
    public void DeleteDirectory() => Directory.Dispose();

    [Test]
    public void Every_page_is_supplied_in_whatever_order_it_is_asked_for([Values(1, 2)] int seed)
    {
        using Kernel kernel = Boot();
        Container container = Open(kernel);
        int[] pages = [.. Enumerable.Range(0, PageCount)];
        new Random(seed).Shuffle(pages);
        foreach (int page in pages)
        {
            AssertPage(container, page, $"seed {seed}");
        }
    }

    [Test]
    public void Neighbours_of_a_page_are_right_as_well()
    {
        using Kernel kernel = Boot();
        Container container = Open(kernel);
        for (int page = 7; page < PageCount; page += 50)
        {
            AssertPage(container, page, "asked for");
            AssertPage(container, page - 1, "before");
            AssertPage(container, page + 1, "behind");
        }
    }

    [Test]
    public void Going_through_in_either_direction_brings_every_byte([Values] bool isBackwards)
    {
        using Kernel kernel = Boot();
        Container container = Open(kernel);
        for (int i = 0; i < PageCount; i++)
        {
            AssertPage(container, isBackwards ? PageCount - 1 - i : i, "on the way");
        }
    }

    [Test]
    public void The_end_is_the_end()
    {
        using Kernel kernel = Boot();
        Container container = Open(kernel);
        Assert.That(container.Length, Is.EqualTo(Length));
        Assert.Throws<ArgumentOutOfRangeException>(() => container.View.Read<byte>(Length));

        Container host = kernel.OpenContainer("host", 1 << 24, "test");
        host.Map(0, container, 0, ((Length + 0xFFFF) / 0x10000) * 0x10000, Access.Read);
        Assert.That(host.View.Read<byte>(Beyond - 1), Is.Zero);
        ContainerFaultException failure = Assert.Throws<ContainerFaultException>(() => host.View.Read<byte>(Beyond))!;
        Assert.That(failure.Status, Is.EqualTo(Status.OutOfRange));
        AssertPage(container, PageCount - 1, "after the failure");
    }

    [Test]
    public void Many_threads_find_the_same_bytes()
    {
        using Kernel kernel = Boot();
        Container container = Open(kernel);

        // Chunks of memory are made before threads meet: docs/design.md, "Wine shows a chunk before it can be closed".
        AssertPage(container, 0, "of the first chunk");
        AssertPage(container, 256, "of the second chunk");
        Parallel.For(0, 4 * PageCount, i => AssertPage(container, i * 37 % PageCount, $"{i}"));
    }

    [Test]
    [LinuxOnly] // where a budget of 1 MiB can be kept
    public void Pages_leave_for_want_of_memory_and_come_back_the_same()
    {
        using Kernel kernel = Boot(options => options.MemoryBudget = 1 << 20);
        Container container = Open(kernel);
        for (int round = 0; round < 3; round++)
        {
            for (int page = 0; page < PageCount; page++)
            {
                AssertPage(container, page, $"round {round}");
            }
        }

        Assert.That(container.Statistics.Evictions, Is.Positive);
    }

    [Test]
    public void It_is_there_again_when_it_is_opened_again()
    {
        using Kernel kernel = Boot();
        for (int round = 0; round < 3; round++)
        {
            using Container container = Open(kernel);
            AssertPage(container, 5, $"round {round}");
            Assert.That(
                () => kernel.OpenContainer(Name),
                Throws.TypeOf<KernelException>().With.Property("Status").EqualTo(Status.Busy));
        }
    }

    [Test]
    public void After_its_end_nothing_is_supplied()
    {
        Container container;
        using (Kernel kernel = Boot())
        {
            container = Open(kernel);
            AssertPage(container, 0, "before");
        }

        Assert.Throws<ObjectDisposedException>(() => container.View.Read<byte>(PageNumber.Size * 9));
    }

    [Test]
    public void A_version_that_is_not_there_is_not_opened()
    {
        using Kernel kernel = Boot();
        using Container container = Open(kernel);
        Assert.That(kernel.History(Name), Is.Empty);
        Assert.That(
            () => kernel.OpenVersion(Name, new StateInterval(99)),
            Throws.TypeOf<KernelException>().With.Property("Status").EqualTo(Status.NoSuchInterval));
    }

    [Test]
    public void What_may_be_written_reads_back_and_what_may_not_is_refused()
    {
        using Kernel kernel = Boot();
        Container container = Open(kernel);
        Assert.That(container.IsReadOnly, Is.EqualTo(IsReadOnly));
        if (!IsReadOnly)
        {
            container.View.Write(5000, 42L);
            Assert.That(container.View.Read<long>(5000), Is.EqualTo(42));
            return;
        }

        AssertDenied(() => container.View.Write(5000, 42L));
        AssertDenied(() => container.View.Lease(5000, 10, Access.Write));
        AssertDenied(() => container.TakeSnapshot());
        AssertDenied(() => container.Resize(1 << 16));
        AssertDenied(() => container.OpenStream());
        AssertPage(container, 1, "after the refusals");
    }

    [Test]
    public void A_warm_fault_allocates_nothing_where_that_is_promised()
    {
        using Kernel kernel = Boot();
        Container container = Open(kernel);
        byte sum = 0;
        for (int page = 0; page < 20; page++)
        {
            sum += container.View.Read<byte>(page * PageNumber.Size);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int page = 20; page < PageCount; page++)
        {
            sum += container.View.Read<byte>(page * PageNumber.Size);
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        TestContext.Out.WriteLine($"{allocated} bytes for {PageCount - 20} pages ({sum})");
        if (AllocatesNothing)
        {
            Assert.That(allocated, Is.Zero);
        }
        else
        {
            Assert.That(allocated, Is.LessThan((PageCount - 20) * 16384), "more than so is a leak");
        }
    }

    /// <summary>What the container holds when it is first opened.</summary>
    private protected virtual void Expect(int page, Span<byte> content) => content.Clear();

    private protected abstract void Configure(KernelOptions options);

    private protected abstract Container Open(Kernel kernel);

    private protected Kernel Boot(Action<KernelOptions>? change = null)
    {
        var options = new KernelOptions { OpenVolume = () => new MemoryVolume() };
        options.Managers.Add("test", () => new TestManager());
        Configure(options);
        change?.Invoke(options);
        return Kernel.Boot(options);
    }

    private protected static void AssertDenied(Action refused) => AssertFails(refused, Status.PermissionDenied);

    private protected static KernelException AssertFails(Action refused, Status status)
    {
        KernelException failure = Assert.Catch<KernelException>(() => refused())!;
        Assert.That(failure.Status, Is.EqualTo(status), failure.Message);
        return failure;
    }

    private protected void AssertPage(Container container, int page, string where)
    {
        int length = Math.Min(PageNumber.Size, (int)(container.Length - (page * PageNumber.Size)));
        Span<byte> expected = stackalloc byte[PageNumber.Size];
        Span<byte> found = stackalloc byte[PageNumber.Size];
        Expect(page, expected);
        container.View.Read(page * PageNumber.Size, found[..length]);
        if (!found[..length].SequenceEqual(expected[..length]))
        {
            Assert.Fail($"{where}: page {page} differs at {found[..length].CommonPrefixLength(expected)}");
        }
    }
}

using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Native;
using Runtime.Stores;
using Runtime.Stores.Managers;
using Runtime.Tests.Native;
using Runtime.Tests.Support;

namespace Runtime.Tests.Stores.Managers;

/// <summary>What is asked for together is brought in together.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.Here))]
public class RangedReadTests(TrapEngine engine)
{
    private const int Pages = 1024;
    private const int Length = Pages * PageNumber.Size;

    [Test]
    public void A_lease_or_a_copy_from_a_volume_takes_an_upcall_a_mebibyte()
    {
        using var directory = new TemporaryDirectory();
        using (Kernel kernel = Boot(directory))
        {
            using Container container = kernel.OpenContainer("a", Length);
            for (int page = 0; page < Pages; page++)
            {
                container.View.Write((long)page * PageNumber.Size, page + 1L);
            }
        }

        using Kernel again = Boot(directory);
        using (Container container = again.OpenContainer("a"))
        {
            Wine.TouchChunks(container);
            long before = container.Statistics.Upcalls;
            using (Lease lease = container.View.Lease(PageNumber.Size, 500 * PageNumber.Size, Access.Read))
            {
                AssertHolds(lease.Span, first: 1);
            }

            Assert.That(container.Statistics.Upcalls - before, Is.LessThanOrEqualTo(4));
            before = container.Statistics.Upcalls;
            var copy = new byte[400 * PageNumber.Size];
            container.View.Read(600 * PageNumber.Size, copy);
            AssertHolds(copy, first: 600);
            Assert.That(container.Statistics.Upcalls - before, Is.LessThanOrEqualTo(4));
        }
    }

    [Test]
    public void A_lease_of_a_resource_takes_a_request_a_mebibyte()
    {
        using var server = new RangeServer(Pattern.Bytes(Length));
        var options = new KernelOptions
        {
            OpenVolume = () => new Runtime.Core.Storage.MemoryVolume(),
            Engine = engine,
        };
        options.Managers.Add(
            "http", () => new HttpRangeManager(server.Root, new HttpRangeOptions { ReadAhead = 0 }));
        using Kernel kernel = Kernel.Boot(options);
        using Container container = kernel.OpenContainer("a", 0, "http");
        Wine.TouchChunks(container);
        int before = server.Requests;
        var expected = new byte[PageNumber.Size];
        using Lease lease = container.View.Lease(20 * PageNumber.Size, 500 * PageNumber.Size, Access.Read);
        for (int page = 0; page < 500; page++)
        {
            Pattern.FillPage(page + 20, expected);
            Assert.That(
                lease.Span.Slice(page * PageNumber.Size, PageNumber.Size).SequenceEqual(expected), $"page {page + 20}");
        }

        Assert.That(server.Requests - before, Is.LessThanOrEqualTo(4));
    }

    private static void AssertHolds(ReadOnlySpan<byte> bytes, int first)
    {
        for (int offset = 0; offset < bytes.Length; offset += PageNumber.Size)
        {
            Assert.That(BitConverter.ToInt64(bytes[offset..]), Is.EqualTo(first + (offset / PageNumber.Size) + 1));
        }
    }

    private Kernel Boot(TemporaryDirectory directory) =>
        Kernel.Boot(new KernelOptions { Volume = directory["home"], Engine = engine });
}

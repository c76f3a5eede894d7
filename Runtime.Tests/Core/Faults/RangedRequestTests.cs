using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Managers;
using Runtime.Core.Storage;
using Runtime.Native;

namespace Runtime.Tests.Core.Faults;

/// <summary>What a manager learns of the pages behind the one that is touched.</summary>
public class RangedRequestTests(TrapEngine engine) : KernelFixture(engine)
{
    private const int Size = PageNumber.Size;
    private const int Pages = 1024;

    private readonly List<(long Page, int Requested, int Suggested)> _faults = [];
    private Container _container = null!;

    [SetUp]
    public void OpenContainer()
    {
        _container = Open(pageCount: Pages);
        _faults.Clear();
        Manager.OnFault = (in PageFault fault, ContainerRecord _) =>
        {
            int requested = fault.RequestedLength;
            int suggested = fault.SuggestedLength;
            Assert.That((requested % Size, suggested % Size), Is.EqualTo((0, 0)));
            Assert.That(fault.SuggestedLength, Is.EqualTo(suggested), "asked again");
            _faults.Add(((long)fault.Page.Value, requested / Size, suggested / Size));
            Manager.Supply(in fault);
            return Status.Success;
        };
    }

    [TearDown]
    public void Close() => _container.Dispose();

    [Test]
    public void A_lease_asks_for_the_rest_of_its_range()
    {
        _container.View.Lease((3 * Size) + 100, 4 * Size, Access.Read).Dispose();
        Assert.That(Requested(), Is.EqualTo([(3L, 5), (4L, 4), (5L, 3), (6L, 2), (7L, 1)]));
    }

    [TestCase("read"), TestCase("write"), TestCase("fill")]
    public void So_does_an_accessor_that_copies(string what)
    {
        switch (what)
        {
            case "read":
                _container.View.Read((3 * Size) + 100, new byte[4 * Size]);
                break;
            case "write":
                _container.View.Write((3 * Size) + 100, new byte[4 * Size]);
                break;
            default:
                _container.View.Fill((3 * Size) + 100, 4 * Size, 1);
                break;
        }

        Assert.That(Requested(), Is.EqualTo([(3L, 5), (4L, 4), (5L, 3), (6L, 2), (7L, 1)]));
        _faults.Clear();
        _container.View.Read<byte>(100 * Size);
        Assert.That(Requested(), Is.EqualTo([(100L, 1)]), "the last one is over");
    }

    [Test]
    public void No_request_goes_beyond_the_end_or_a_mebibyte()
    {
        _container.View.Lease(0, Pages * Size, Access.Read).Dispose();
        Assert.That(_faults[0], Is.EqualTo((0L, 256, 256)));
        Assert.That(_faults[^1], Is.EqualTo((Pages - 1L, 1, 1)));
        Assert.That(_faults.Max(fault => fault.Suggested), Is.EqualTo(256));
        Assert.That(_faults.All(fault => fault.Page + fault.Suggested <= Pages), Is.True);
    }

    [Test]
    public void Who_goes_on_is_suggested_twice_as_much_each_time_and_others_are_not()
    {
        foreach (int page in new[] { 10, 500, 11, 300, 12, 7, 13, 14, 700, 15, 16, 17, 18, 19, 20 })
        {
            _container.View.Read<byte>((long)page * Size);
        }

        Assert.That(
            _faults.Where(fault => fault.Page is >= 10 and <= 20).Select(fault => fault.Suggested),
            Is.EqualTo([1, 2, 4, 8, 16, 32, 64, 128, 256, 256, 256]));
        Assert.That(
            _faults.Where(fault => fault.Page is < 10 or > 20).Select(fault => fault.Suggested), Is.All.EqualTo(1));
    }

    [Test]
    public void A_manager_that_follows_the_suggestions_is_asked_seldom()
    {
        using PageSet set = Manager.Calls.PageSetCreate(Pages);
        Assert.That(set.Take(Pages, out int granted), Is.EqualTo(Status.Success));
        Assert.That(granted, Is.EqualTo(Pages));
        int upcalls = 0;
        Manager.OnFault = (in PageFault fault, ContainerRecord _) =>
        {
            upcalls++;
            var content = new byte[fault.SuggestedLength];
            for (int page = 0; page < content.Length / Size; page++)
            {
                BitConverter.TryWriteBytes(content.AsSpan(page * Size), fault.Page.Value + (ulong)page);
            }

            return Manager.Calls.LcdInstall(set, fault.Container, fault.Page, content);
        };
        for (int page = 0; page < Pages; page++)
        {
            Assert.That(_container.View.Read<long>(page * Size), Is.EqualTo(page));
        }

        Assert.That(upcalls, Is.LessThanOrEqualTo(12));
    }

    [Test]
    public void A_nested_access_has_a_range_of_its_own_and_leaves_the_others()
    {
        using Container below = Open("below");
        TestManager.FaultServer record = Manager.OnFault!;
        Manager.OnFault = (in PageFault fault, ContainerRecord container) =>
        {
            if (container.Name == "a")
            {
                below.View.Read((long)fault.Page.Offset, new byte[2 * Size]);
            }

            return record(in fault, container);
        };
        _container.View.Read(0, new byte[3 * Size]);
        Assert.That(
            Requested(), Is.EqualTo([(0L, 2), (1L, 1), (0L, 3), (2L, 1), (1L, 2), (3L, 1), (2L, 1)]));
    }

    private IEnumerable<(long, int)> Requested() => _faults.Select(fault => (fault.Page, fault.Requested));
}

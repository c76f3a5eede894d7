using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Managers;
using Runtime.Core.Storage;
using Runtime.Native;
using Runtime.Tests.Native;

namespace Runtime.Tests.Core.Faults;

/// <summary>How long a touch waits, and what becomes of a page that comes later.</summary>
public class FaultDeadlineTests(TrapEngine engine) : KernelFixture(engine)
{
    private static readonly TimeSpan s_short = TimeSpan.FromMilliseconds(50);

    [Test]
    public void It_is_the_kernels_until_it_is_set()
    {
        using Container container = Open();
        Assert.That(container.FaultDeadline, Is.EqualTo(TimeSpan.FromSeconds(20)));
        Assert.That(() => container.FaultDeadline = TimeSpan.Zero, Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => container.FaultDeadline = TimeSpan.FromDays(2), Throws.TypeOf<ArgumentOutOfRangeException>());
        container.FaultDeadline = s_short;
        Assert.That(container.FaultDeadline, Is.EqualTo(s_short));
    }

    [Test]
    public void The_manager_sees_the_time_that_is_left()
    {
        using Container container = Open();
        TimeSpan first = TimeSpan.MinValue;
        TimeSpan last = TimeSpan.MinValue;
        container.FaultDeadline = s_short;
        Manager.OnFault = (in PageFault fault, ContainerRecord _) =>
        {
            first = fault.TimeLeft;
            while (fault.TimeLeft > TimeSpan.Zero)
            {
                Thread.Sleep(1);
            }

            last = fault.TimeLeft;
            Manager.Supply(in fault);
            return Status.Success;
        };
        Assert.That(container.View.Read<ulong>(3 * PageNumber.Size), Is.EqualTo(3), "late, but it came");
        Assert.That(first, Is.LessThanOrEqualTo(s_short));
        Assert.That(last, Is.EqualTo(TimeSpan.Zero));
    }

    [TestCase(false), TestCase(true)]
    public void Who_waits_longer_fails_and_the_page_comes_all_the_same(bool leases)
    {
        using Container container = Open();
        Wine.TouchChunks(container);
        using var isAsked = new ManualResetEventSlim();
        using var answer = new ManualResetEventSlim();
        Manager.OnFault = (in PageFault fault, ContainerRecord _) =>
        {
            isAsked.Set();
            answer.Wait();
            Manager.Supply(in fault);
            return Status.Success;
        };
        int before = Manager.Upcalls;
        ulong read = 0;
        var first = new Thread(() => read = container.View.Read<ulong>(7 * PageNumber.Size));
        first.Start();
        isAsked.Wait();
        container.FaultDeadline = s_short;
        try
        {
            ContainerFaultException failure = Assert.Throws<ContainerFaultException>(() =>
            {
                if (leases)
                {
                    container.View.Lease(7 * PageNumber.Size, 200, Access.Read).Dispose();
                }
                else
                {
                    container.View.Read<byte>(7 * PageNumber.Size);
                }
            })!;
            Assert.That(failure.Status, Is.EqualTo(Status.DeadlineExceeded));
        }
        finally
        {
            answer.Set();
            first.Join();
        }

        Assert.That(read, Is.EqualTo(7));
        int upcalls = Manager.Upcalls;
        Assert.That(container.View.Read<ulong>(7 * PageNumber.Size), Is.EqualTo(7));
        Assert.That(Manager.Upcalls, Is.EqualTo(upcalls), "it is there");
        Assert.That(upcalls - before, Is.EqualTo(1));
    }
}

using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Managers;
using Runtime.Native;
using Runtime.Tests.Native;

namespace Runtime.Tests.Core.Faults;

public class FaultRouterTests(TrapEngine engine) : KernelFixture(engine)
{
    [Test]
    public void A_read_fault_brings_the_page_in_and_a_second_read_does_not_fault()
    {
        using Container container = Open();
        Assert.That(container.View.Read<ulong>(7 * PageNumber.Size), Is.EqualTo(7));
        Assert.That(container.View.Read<ulong>(7 * PageNumber.Size), Is.EqualTo(7));
        Assert.That(Manager.Upcalls, Is.EqualTo(1));
        Assert.That(container.Statistics.ReadFaults, Is.EqualTo(1));
    }

    [Test]
    public void A_write_fault_on_a_resident_page_makes_no_upcall()
    {
        using Container container = Open();
        container.View.Read<ulong>(0);
        container.View.Write(8, 42UL);
        Assert.That(container.View.Read<ulong>(8), Is.EqualTo(42));
        Assert.That(Manager.Upcalls, Is.EqualTo(1));
        Assert.That(container.Statistics.WriteFaults, Is.EqualTo(1));
        Assert.That(container.Statistics.DirtyPages, Is.EqualTo(1));
    }

    [Test]
    public void Sixteen_threads_on_one_page_cause_one_upcall()
    {
        using Container container = Open();
        Wine.TouchChunks(container);
        int before = Manager.Upcalls;
        using var together = new Barrier(16);
        for (int round = 0; round < 50; round++)
        {
            int page = round + 1;
            Thread[] threads = Start(16, _ =>
            {
                together.SignalAndWait();
                Assert.That(container.View.Read<ulong>(page * PageNumber.Size), Is.EqualTo((ulong)page));
            });
            Join(threads);
        }

        Assert.That(Manager.Upcalls - before, Is.EqualTo(50));
    }

    [Test]
    public void A_manager_may_install_more_than_was_asked_for()
    {
        using Container container = Open();
        Manager.OnFault = (in PageFault fault, Runtime.Core.Storage.ContainerRecord _) =>
        {
            Manager.Supply(in fault);
            for (ulong next = 1; next < 8; next++)
            {
                if (fault.TryClaim(new PageNumber(fault.Page.Value + next), out PageClaim claim))
                {
                    using (claim)
                    {
                        claim.Memory[0] = (byte)claim.Page.Value;
                        claim.Install();
                    }
                }
            }

            return Status.Success;
        };
        for (long page = 0; page < 64; page++)
        {
            Assert.That(container.View.Read<byte>(page * PageNumber.Size), Is.EqualTo(page));
        }

        Assert.That(Manager.Upcalls, Is.EqualTo(8));
    }

    [Test]
    public void A_failing_manager_is_an_exception_that_names_container_offset_access_and_status()
    {
        using Container container = Open();
        Manager.OnFault = (in PageFault _, Runtime.Core.Storage.ContainerRecord _) => Status.IoError;
        ContainerFaultException failure =
            Assert.Throws<ContainerFaultException>(() => container.View.Write(5 * PageNumber.Size + 16, 1L))!;
        Assert.That(failure.Status, Is.EqualTo(Status.IoError));
        Assert.That(failure.Container, Is.EqualTo("a"));
        Assert.That(failure.Offset, Is.EqualTo(5 * PageNumber.Size + 16));
        Assert.That(failure.Access, Is.EqualTo(Access.Write));

        Manager.OnFault = null;
        Assert.That(container.View.Read<ulong>(5 * PageNumber.Size), Is.EqualTo(5), "the page can be supplied later");
    }

    [Test]
    public void What_a_manager_throws_is_the_inner_exception()
    {
        using Container container = Open();
        Manager.OnFault = (in PageFault _, Runtime.Core.Storage.ContainerRecord _) =>
            throw new InvalidOperationException("broken");
        ContainerFaultException failure = Assert.Throws<ContainerFaultException>(() => container.View.Read<byte>(0))!;
        Assert.That(failure.Status, Is.EqualTo(Status.ManagerFailed));
        Assert.That(failure.InnerException, Has.Message.EqualTo("broken"));
    }

    [Test]
    public void A_fault_answered_without_installing_is_retried_once_and_then_fails()
    {
        using Container container = Open();
        Manager.OnFault = (in PageFault _, Runtime.Core.Storage.ContainerRecord _) => Status.Success;
        Assert.That(
            () => container.View.Read<byte>(0),
            Throws.TypeOf<ContainerFaultException>().With.Property("Status").EqualTo(Status.ManagerFailed));
        Assert.That(Manager.Upcalls, Is.EqualTo(2));
    }

    [Test]
    public void A_page_half_filled_and_given_up_is_zeroed_for_the_next_fill()
    {
        using Container container = Open();
        Manager.OnFault = (in PageFault fault, Runtime.Core.Storage.ContainerRecord _) =>
        {
            fault.Memory.Fill(0xEE);
            return Status.IoError;
        };
        Assert.That(() => container.View.Read<byte>(0), Throws.TypeOf<ContainerFaultException>());
        Manager.OnFault = (in PageFault fault, Runtime.Core.Storage.ContainerRecord _) =>
        {
            Assert.That(fault.Memory.ContainsAnyExcept((byte)0), Is.False);
            fault.Install();
            return Status.Success;
        };
        Assert.That(container.View.Read<byte>(100), Is.Zero);
    }

    [Test]
    public unsafe void A_failed_raw_access_is_a_null_reference_and_LastFault_tells_why()
    {
        using Container container = Open();
        Manager.OnFault = (in PageFault _, Runtime.Core.Storage.ContainerRecord _) => Status.IoError;
        byte* start = container.View.DangerousPointer;
        Assert.That(() => start[3 * PageNumber.Size], Throws.TypeOf<NullReferenceException>());
        Assert.That(
            Kernel.LastFault,
            Is.EqualTo(new FaultReport("a", 3 * PageNumber.Size, Access.Read, Status.IoError, IsRescued: false)));
    }

    [Test]
    public void A_manager_that_touches_the_container_it_serves_is_refused_with_recursion()
    {
        using Container container = Open();
        Status seen = Status.Success;
        Manager.OnFault = (in PageFault fault, Runtime.Core.Storage.ContainerRecord _) =>
        {
            if (fault.Page.Value == 0)
            {
                seen = Assert.Throws<ContainerFaultException>(() => container.View.Read<byte>(PageNumber.Size))!.Status;
            }

            Manager.Supply(in fault);
            return Status.Success;
        };
        container.View.Read<byte>(0);
        Assert.That(seen, Is.EqualTo(Status.ManagerRecursion));
        Assert.That(container.View.Read<ulong>(PageNumber.Size), Is.EqualTo(1));
    }

    [Test]
    public void A_fault_on_another_container_of_the_same_manager_is_an_ordinary_nested_fault()
    {
        using Container a = Open("a");
        using Container b = Open("b");
        Manager.OnFault = (in PageFault fault, Runtime.Core.Storage.ContainerRecord record) =>
        {
            if (record.Name == "a")
            {
                Assert.That(b.View.Read<ulong>((long)fault.Page.Offset), Is.EqualTo(fault.Page.Value));
            }

            Manager.Supply(in fault);
            return Status.Success;
        };
        for (int page = 0; page < 100; page++)
        {
            Assert.That(a.View.Read<ulong>(page * PageNumber.Size), Is.EqualTo((ulong)page));
        }
    }

    [Test]
    public void A_cycle_of_two_containers_is_refused_and_not_hung()
    {
        using Container a = Open("a");
        using Container b = Open("b");
        using var together = new Barrier(2);
        int refused = 0;
        Manager.OnFault = (in PageFault fault, Runtime.Core.Storage.ContainerRecord record) =>
        {
            // Each has claimed its own page before it asks for the other's.
            together.SignalAndWait(TimeSpan.FromSeconds(10));
            Container other = record.Name == "a" ? b : a;
            try
            {
                other.View.Read<byte>((long)fault.Page.Offset);
            }
            catch (ContainerFaultException failure) when (failure.Status == Status.ManagerRecursion)
            {
                Interlocked.Increment(ref refused);
            }

            Manager.Supply(in fault);
            return Status.Success;
        };
        for (int page = 0; page < 20; page++)
        {
            long offset = page * PageNumber.Size;
            Join(Start(2, thread => (thread == 0 ? a : b).View.Read<byte>(offset)));
        }

        Assert.That(refused, Is.EqualTo(20), "one of the two in each round");
    }

    /// <summary>So many faults that the budget of mappings tidies its notes, once at least (32,768 notes).</summary>
    [Test]
    public void Nothing_is_allocated_on_the_fault_path()
    {
        using Container container = Open(pageCount: 45_000);
        Manager.OnFault = static (in PageFault fault, Runtime.Core.Storage.ContainerRecord _) =>
        {
            fault.Install();
            return Status.Success;
        };
        ContainerView view = container.View;
        long Touch(int from, int to)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (long page = from; page < to; page++)
            {
                view.Read<byte>(page * PageNumber.Size);
                view.Write(page * PageNumber.Size, (byte)1);
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Touch(0, 10_000);
        Assert.That(Touch(10_000, 45_000), Is.Zero);
    }

    private static Thread[] Start(int count, Action<int> body) =>
        [.. Enumerable.Range(0, count).Select(index =>
        {
            var thread = new Thread(() => body(index));
            thread.Start();
            return thread;
        })];

    private static void Join(Thread[] threads)
    {
        foreach (Thread thread in threads)
        {
            Assert.That(thread.Join(TimeSpan.FromSeconds(60)), Is.True, "a thread hangs in a fault");
        }
    }
}

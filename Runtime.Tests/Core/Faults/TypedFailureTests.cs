using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Managers;
using Runtime.Core.Storage;
using Runtime.Native;

namespace Runtime.Tests.Core.Faults;

/// <summary>Why a page did not come, told to everybody who can have touched it.</summary>
public class TypedFailureTests(TrapEngine engine) : KernelFixture(engine)
{
    private const int Enxio = 6;
    private const long Offset = (5 * PageNumber.Size) + 16;

    private static readonly Status[] s_failures =
    [
        Status.IoError, Status.Damaged, Status.Lost, Status.NoResources, Status.OutOfRange, Status.PermissionDenied,
        Status.NotSupported, Status.DeadlineExceeded, Status.NoManager, Status.ManagerFailed, Status.ManagerGone,
        Status.ManagerRecursion, Status.NoSuchInterval,
    ];

    [Test]
    public void Accessor_lease_and_stream_tell_the_reason_and_the_number()
    {
        using Container container = Open();
        Manager.OnFault = (in PageFault fault, ContainerRecord _) =>
            fault.Fail(Status.IoError, "the tape is torn", Enxio);
        ContainerFaultException byAccessor = Fails(() => container.View.Write(Offset, 1L));
        Assert.That((byAccessor.Offset, byAccessor.Access), Is.EqualTo(((ulong)Offset, Access.Write)));
        Fails(() => container.View.Lease(Offset, 100, Access.Read));
        Assert.That(
            async () => await container.View.LeaseAsync(Offset, 100, Access.Write),
            Throws.TypeOf<ContainerFaultException>().With.Property("Reason").EqualTo("the tape is torn"));
        using ContainerStream stream = container.OpenStream();
        stream.Position = Offset;
        Fails(() => stream.ReadExactly(new byte[100]));

        Manager.OnFault = null;
        Assert.That(container.View.Read<ulong>(5 * PageNumber.Size), Is.EqualTo(5), "the page can be supplied later");
    }

    [Test]
    public unsafe void After_a_raw_access_LastFault_tells_them()
    {
        using Container container = Open();
        Manager.OnFault = (in PageFault fault, ContainerRecord _) =>
            fault.Fail(Status.Damaged, $"{fault.Page} is not what it was", Enxio);
        byte* start = container.View.DangerousPointer;
        Assert.That(() => start[Offset], Throws.TypeOf<NullReferenceException>());
        FaultReport report = Kernel.LastFault!;
        Assert.That(
            (report.Status, report.Reason, report.ErrorNumber),
            Is.EqualTo((Status.Damaged, "p5 is not what it was", Enxio)));

        Manager.OnFault = (in PageFault _, ContainerRecord _) => Status.Damaged;
        Assert.That(() => start[Offset], Throws.TypeOf<NullReferenceException>());
        Assert.That(
            (Kernel.LastFault!.Reason, Kernel.LastFault.ErrorNumber), Is.EqualTo(((string?)null, 0)), "of this touch");
    }

    [Test]
    public void Every_status_is_a_reason_or_a_failure_of_the_manager([Values] bool isThrown)
    {
        using Container container = Open();
        foreach (Status status in Enum.GetValues<Status>().Where(status => status != Status.Success))
        {
            Manager.OnFault = (in PageFault _, ContainerRecord _) =>
                isThrown ? throw new KernelException(status, "thrown") : status;
            ContainerFaultException failure =
                Assert.Throws<ContainerFaultException>(() => container.View.Read<byte>(Offset))!;
            Assert.That(
                failure.Status, Is.EqualTo(s_failures.Contains(status) ? status : Status.ManagerFailed), $"{status}");
            if (!s_failures.Contains(status))
            {
                Assert.That(failure.Reason, isThrown ? Is.EqualTo("thrown") : Does.Contain(status.ToString()));
            }
        }
    }

    [Test]
    public void No_fault_fails_with_what_is_no_reason()
    {
        using Container container = Open();
        Exception? thrown = null;
        Manager.OnFault = (in PageFault fault, ContainerRecord _) =>
        {
            try
            {
                return fault.Fail(Status.Accepted, "later");
            }
            catch (ArgumentOutOfRangeException failure)
            {
                thrown = failure;
                return fault.Fail(Status.Lost, "then not");
            }
        };
        Assert.That(
            Assert.Throws<ContainerFaultException>(() => container.View.Read<byte>(0))!.Reason,
            Is.EqualTo("then not"));
        Assert.That(thrown, Is.Not.Null);
    }

    [Test]
    public void A_reason_that_is_not_the_answer_is_forgotten()
    {
        using Container container = Open();
        Manager.OnFault = (in PageFault fault, ContainerRecord _) =>
        {
            fault.Fail(Status.IoError, "one disk failed");
            return Status.NoResources;
        };
        ContainerFaultException failure = Assert.Throws<ContainerFaultException>(() => container.View.Read<byte>(0))!;
        Assert.That((failure.Status, failure.Reason), Is.EqualTo((Status.NoResources, (string?)null)));

        Manager.OnFault = (in PageFault fault, ContainerRecord _) =>
        {
            fault.Fail(Status.IoError, "one disk failed");
            Manager.Supply(in fault);                               // the other one did not
            return Status.Success;
        };
        Assert.That(container.View.Read<byte>(0), Is.Zero);
    }

    [Test]
    public void The_number_of_a_nested_failure_comes_through_layers()
    {
        using Container below = Open("below");
        using Container above = Open("above");
        Manager.OnFault = (in PageFault fault, ContainerRecord record) => record.Name == "below"
            ? fault.Fail(Status.IoError, "deep down", Enxio)
            : (Status)below.View.Read<byte>(Offset);
        ContainerFaultException failure =
            Assert.Throws<ContainerFaultException>(() => above.View.Read<byte>(Offset))!;
        Assert.That(
            (failure.Container, failure.Status, failure.ErrorNumber), Is.EqualTo(("above", Status.IoError, Enxio)));
        Assert.That((failure.InnerException as ContainerFaultException)?.Reason, Is.EqualTo("deep down"));
    }

    [Test]
    public void An_error_of_the_system_keeps_its_number()
    {
        const int NotFound = 2;                                     // ENOENT, and ERROR_FILE_NOT_FOUND
        int result = OperatingSystem.IsWindows() ? unchecked((int)0x8007_0002) : NotFound;
        var missing = Assert.Throws<FileNotFoundException>(() => File.OpenRead(Path.Combine(
            TestContext.CurrentContext.WorkDirectory, "there-is-no-such-file")));
        using Container container = Open();
        Manager.OnFault = (in PageFault _, ContainerRecord _) =>
            throw new KernelException(Status.IoError, "no file", new IOException("no file", result));
        Assert.That(
            Assert.Throws<ContainerFaultException>(() => container.View.Read<byte>(0))!.ErrorNumber,
            Is.EqualTo(NotFound));
        Assert.That(new KernelException(Status.IoError, "x", new IOException("x")).ErrorNumber, Is.Zero);
        Assert.That(
            new KernelException(Status.IoError, "x", missing).ErrorNumber,
            Is.EqualTo(OperatingSystem.IsWindows() ? NotFound : 0), "elsewhere .NET has a number of its own for this");
    }

    private static ContainerFaultException Fails(Action touch)
    {
        ContainerFaultException failure = Assert.Throws<ContainerFaultException>(touch)!;
        Assert.That(
            (failure.Status, failure.Reason, failure.ErrorNumber),
            Is.EqualTo((Status.IoError, "the tape is torn", Enxio)));
        return failure;
    }
}

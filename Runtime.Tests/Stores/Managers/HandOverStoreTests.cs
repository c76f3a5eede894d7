using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Managers;
using Runtime.Core.Snapshots;
using Runtime.Stores.Managers;
using Runtime.Stores.Volumes;
using Runtime.Tests.Support;

namespace Runtime.Tests.Stores.Managers;

/// <summary>A hand-over outlives the process, after each of its steps.</summary>
public class HandOverStoreTests
{
    private static readonly VolumeOptions s_creating = new() { Create = true };

    private TemporaryDirectory _directory = null!;

    [SetUp]
    public void CreateDirectory() => _directory = new TemporaryDirectory();

    [TearDown]
    public void DeleteDirectory() => _directory.Dispose();

    [Test]
    public void Versions_intervals_capabilities_and_code_are_there_after_each_step()
    {
        StateInterval first;
        using (Kernel kernel = Boot())
        {
            using Container container = kernel.OpenContainer("a", 1 << 20);
            container.SetInvocationPoint("code");
            container.Grant(3, container.GetCapability());
            container.View.Write(0, 1L);
            first = container.TakeSnapshot().Interval;
            container.View.Write(0, 2L);
            kernel.RemoveManager("a");
        }

        StateInterval issued;
        using (Kernel kernel = Boot())
        {
            Assert.That(kernel.Containers.Single().IsUnmanaged);
            Assert.That(kernel.EntityOf("a").EntryName, Is.EqualTo("code"));
            kernel.SetManager("a", "other");
            using Container container = kernel.OpenContainer("a");
            issued = container.Interval;
            Assert.That(container.View.Read<long>(0), Is.EqualTo(2));
            Assert.That(issued.Value, Is.GreaterThan(first.Value + 1));
        }

        using (Kernel kernel = Boot())
        {
            Assert.That(kernel.Containers.Single().Manager, Is.EqualTo("other"));
            Assert.That(kernel.EntityOf("a").EntryName, Is.EqualTo("code"));
            Assert.That(kernel.EntityOf("a").Table.Find(3), Is.Not.Null);
            using Container container = kernel.OpenContainer("a");
            Assert.That(container.Interval, Is.GreaterThanOrEqualTo(issued));
            container.View.Write(8, 3L);
            container.TakeSnapshot().WaitForDurable();
            using Container old = kernel.OpenVersion("a", first);
            Assert.That(old.View.Read<long>(0), Is.EqualTo(1));
        }

        using Volume volume = Volume.Open(_directory["home"]);
        Assert.That(volume.Verify().Damages, Is.Empty);
    }

    [Test]
    public void One_whose_manager_is_not_registered_any_more_finds_another()
    {
        using (Kernel kernel = Boot())
        {
            using Container container = kernel.OpenContainer("a", 1 << 20, "other");
            container.View.Write(0, 1L);
        }

        using (Kernel kernel = Boot(isOther: false))
        {
            Assert.That(
                () => kernel.OpenContainer("a"),
                Throws.InstanceOf<KernelException>().With.Property("Status").EqualTo(Status.NotRegistered));
            kernel.SetManager("a", "snapshotting");
            using Container container = kernel.OpenContainer("a");
            Assert.That(container.View.Read<long>(0), Is.EqualTo(1));
        }
    }

    [Test]
    public void A_quarantined_container_is_taken_over_by_another_manager_of_the_same_volume()
    {
        StateInterval first;
        using (Kernel kernel = Boot())
        {
            using Container container = kernel.OpenContainer("a", 1 << 20, "failing");
            container.View.Write(0, 1L);
            Snapshot snapshot = container.TakeSnapshot();
            snapshot.WaitForDurable();
            first = snapshot.Interval;
            container.View.Write(0, 2L);
            container.View.Write(PageNumber.Size, 22L);
            FailingManager.Fails = true;
            Assert.That(() => container.TakeSnapshot().WaitForDurable(), Throws.InstanceOf<KernelException>());
            Assert.That(container.Quarantine, Is.Not.Null);
            container.View.Write(8, 3L);

            kernel.SetManager("a", "other");
            Assert.That(container.Quarantine, Is.Null);
            container.View.Write(16, 4L);
            container.TakeSnapshot().WaitForDurable();
        }

        using (Kernel kernel = Boot())
        {
            using Container container = kernel.OpenContainer("a");
            Assert.That(container.View.Read<long>(0), Is.EqualTo(2));
            Assert.That(container.View.Read<long>(8), Is.EqualTo(3));
            Assert.That(container.View.Read<long>(16), Is.EqualTo(4));
            Assert.That(container.View.Read<long>(PageNumber.Size), Is.EqualTo(22));
            using Container version = kernel.OpenVersion("a", first);
            Assert.That(version.View.Read<long>(0), Is.EqualTo(1));
        }

        using Volume volume = Volume.Open(_directory["home"]);
        Assert.That(volume.Verify().Damages, Is.Empty);
    }

    [Test]
    public void A_copy_of_the_volume_learns_of_it()
    {
        using (Kernel kernel = Boot())
        {
            using Container container = kernel.OpenContainer("a", 1 << 20);
            container.View.Write(0, 1L);
        }

        Copy();
        using (Kernel kernel = Boot())
        {
            kernel.RemoveManager("a");
            kernel.SetManager("a", "other");
        }

        Copy();
        using Volume copy = Volume.Open(_directory["copy"]);
        Assert.That(copy.Find("a")!.Manager, Is.EqualTo("other"));
    }

    private void Copy()
    {
        using Volume volume = Volume.Open(_directory["home"]);
        using Volume copy = Volume.Open(_directory["copy"], s_creating);
        volume.CopyTo(copy);
    }

    private Kernel Boot(bool isOther = true)
    {
        Volume? volume = null;
        var options = new KernelOptions
        {
            OpenVolume = () => volume = Volume.Open(_directory["home"], s_creating),
            DefaultManager = "snapshotting",
        };
        FailingManager.Fails = false;
        options.Managers.Add("snapshotting", () => new SnapshottingManager(volume!));
        options.Managers.Add("failing", () => new FailingManager(new SnapshottingManager(volume!)));
        if (isOther)
        {
            options.Managers.Add("other", () => new SnapshottingManager(volume!));
        }

        options.Entries.Add("code", locus => locus.Return());
        return Kernel.Boot(options);
    }

    /// <summary>Throws when it has saved pages of a snapshot, and is to make it durable.</summary>
    private sealed class FailingManager(Manager manager) : StubbornManager(manager)
    {
        internal static bool Fails { get; set; }

        protected internal override Status ContainerStabiliseRequest(in StabiliseRequest request)
        {
            if (!Fails)
            {
                return base.ContainerStabiliseRequest(request);
            }

            if (request.TryNext(most: 1))
            {
                request.MarkSaved();                                // which is not true
            }

            throw new InvalidOperationException("no");
        }
    }
}

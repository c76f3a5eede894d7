using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Capabilities;
using Runtime.Core.Containers;
using Runtime.Core.Snapshots;
using Runtime.Native;

namespace Runtime.Tests.Core.Capabilities;

/// <summary>A container that is destroyed while a snapshot of it is being saved.</summary>
public class DestroyWhileSavingTests(TrapEngine engine) : VersionedFixture(engine)
{
    [Test]
    public void The_snapshot_is_saved_before_the_container_goes()
    {
        using var saving = new ManualResetEventSlim();
        using var may = new ManualResetEventSlim();
        Container container = Open();
        for (long page = 0; page < 50; page++)
        {
            container.View.Write(page * PageNumber.Size, page);
        }

        using Capability capability = container.GetCapability();
        bool isInside = false;
        Manager.OnSave = _ =>
        {
            saving.Set();
            may.Wait();
            return Status.Success;
        };
        Manager.OnSavePage = _ => isInside = container.Entity!.Open is not null;
        Snapshot snapshot = container.TakeSnapshot();
        Assert.That(saving.Wait(TimeSpan.FromSeconds(20)));

        Task<Status> destroyed = Task.Run(() => Kernel.Calls.ContainerDestroy(capability.Reference));
        Assert.That(() => capability.IsValid, Is.False.After(20_000, 1), "nobody uses it any more");
        Assert.That(destroyed.IsCompleted, Is.False);
        may.Set();

        Assert.That(destroyed.Result, Is.EqualTo(Status.Success));
        Assert.That(() => snapshot.WaitForDurable(), Throws.Nothing);
        Assert.That(isInside, "its pages were saved from memory that was still its own");
        Assert.That(Kernel.Containers, Is.Empty);
    }
}

using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Snapshots;
using Runtime.Native;

namespace Runtime.Tests.Core.Snapshots;

/// <summary>Retention while snapshots are being saved.</summary>
/// <remarks>
/// A kill between the cut of the newest version and its commit had left one version fewer than was asked for:
/// the newest counted, an old one went for it, and then the newest was not there.
/// </remarks>
public class RetainWhileSavingTests(TrapEngine engine) : VersionedFixture(engine)
{
    [Test]
    public void A_version_that_is_still_being_saved_makes_up_for_none()
    {
        using var may = new ManualResetEventSlim();
        Container container = Open();
        for (long value = 1; value <= 2; value++)
        {
            container.View.Write(0, value);
            container.TakeSnapshot().WaitForDurable();
        }

        Manager.OnSave = _ =>
        {
            may.Wait();
            return Status.Success;
        };
        container.View.Write(0, 3L);
        Snapshot third = container.TakeSnapshot();
        IReadOnlyList<SnapshotInfo> history = Kernel.History("a");
        IReadOnlyList<StateInterval> dropped = Kernel.Retain("a", new Retention(2));
        may.Set();
        third.WaitForDurable();

        Assert.That(history, Has.Count.EqualTo(3));
        Assert.That(dropped, Is.Empty);
    }
}

using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Capabilities;
using Runtime.Core.Containers;
using Runtime.Core.Storage;

namespace Runtime.Tests.Core.Storage;

/// <summary>Which of the kernel's records count, and that none is lost before another one takes its place.</summary>
public class KernelStoreTests
{
    private const int Enough = 1000;

    [Test]
    public void A_record_counts_from_the_moment_when_its_version_is_durable()
    {
        var log = new TestLog();
        using var volume = new TestVolume(log);
        ContainerRecord container = volume.Create("c", 4096, "test");
        using (var store = new KernelStore(volume))
        {
            store.Save(container.Id, new StateInterval(1), [1]);
            volume.Commit(container, 1);
            store.Save(container.Id, new StateInterval(2), [2]);
        }

        Assert.That(StateAfterCrash(volume, log, container), Is.EqualTo(1));
        volume.Commit(container, 2);
        Assert.That(StateAfterCrash(volume, log, container), Is.EqualTo(2));
        volume.Commit(container, 9);
        Assert.That(StateAfterCrash(volume, log, container), Is.EqualTo(2), "nothing was written, for nothing changed");
    }

    [Test]
    public void Compaction_keeps_what_a_crash_would_leave()
    {
        var log = new TestLog();
        using var volume = new TestVolume(log);
        ContainerRecord container = volume.Create("c", 4096, "test");
        using var store = new KernelStore(volume);
        store.Save(container.Id, new StateInterval(1), [1]);
        volume.Commit(container, 1);
        store.Save(container.Id, new StateInterval(2), [2]);
        volume.Commit(container, 2);
        store.Save(container.Id, new StateInterval(3), [3]);        // 3 and 4 are still being saved
        log.Blocks = Enough;

        store.Save(container.Id, new StateInterval(4), [4]);

        Assert.That(log.CompactedBlocks, Is.Not.Zero, "it was compacted");
        Assert.That(log.Flushed.Count(record => record.Container == container.Id), Is.EqualTo(3));
        Assert.That(StateAfterCrash(volume, log, container), Is.EqualTo(2));
        volume.Commit(container, 3);
        Assert.That(StateAfterCrash(volume, log, container), Is.EqualTo(3));
    }

    [Test]
    public void What_never_became_a_version_is_not_there_when_its_number_is_used_again()
    {
        var log = new TestLog();
        using var volume = new TestVolume(log);
        ContainerRecord container = volume.Create("c", 4096, "test");
        using (var store = new KernelStore(volume))
        {
            store.Save(container.Id, new StateInterval(1), [1]);
            volume.Commit(container, 1);
            store.Save(container.Id, new StateInterval(2), [2]);
        }

        var again = new TestLog(log.Flushed);
        using (var next = new TestVolume(again))
        {
            ContainerRecord same = next.Create("c", 4096, "test");
            next.Commit(same, 1);
            using var store = new KernelStore(next);
            next.Commit(same, 2);                                   // another interval 2, of which nothing was changed
        }

        Assert.That(StateAfterCrash(volume, again, container), Is.EqualTo(1));
    }

    [Test]
    public void A_number_is_never_given_out_twice_whenever_the_process_ends()
    {
        var seen = new HashSet<ulong>();
        var log = new TestLog();
        for (int life = 0; life < 20; life++)
        {
            using var volume = new TestVolume(log);
            using var store = new KernelStore(volume);
            for (int i = 0; i < life * 300; i++)
            {
                Assert.That(seen.Add(store.NextNumber()), $"life {life}, number {i}");
            }

            log = new TestLog(log.Flushed);
        }
    }

    [Test]
    public void A_derivation_for_which_no_number_can_be_reserved_answers_why()
    {
        var log = new TestLog();
        using var manager = new TestManager();
        var options = new KernelOptions { OpenVolume = () => new TestVolume(log), DefaultManager = "test" };
        options.Managers.Add("test", () => manager);
        using Kernel kernel = Kernel.Boot(options);
        using Container container = kernel.OpenContainer("c", 4096);
        using Capability master = container.GetCapability();
        log.Fails = true;

        Assert.That(
            kernel.Calls.CapDerive(master.Reference, CapRef.Locus(99), KernelRights.All, 0),
            Is.EqualTo(Status.IoError));

        Assert.That(kernel.Capabilities.HostTable.Find(99), Is.Null);
        Assert.That(kernel.EntityOf("c").GroupsUnsynchronized.Count(), Is.EqualTo(1));
    }

    [Test]
    public void A_record_of_a_container_that_is_not_there_is_dropped()
    {
        var log = new TestLog();
        ulong id;
        using (var volume = new TestVolume(log))
        {
            ContainerRecord container = volume.Create("c", 4096, ContainerRecord.NoManager);
            id = container.Id;
            using var store = new KernelStore(volume);
            store.Save(id, new StateInterval(1), [1]);
        }

        var again = new TestLog(log.Flushed);
        using var other = new TestVolume(again);
        using var loaded = new KernelStore(other);

        Assert.That(loaded.Containers, Is.Empty);
        Assert.That(again.Flushed.Select(record => record.Container), Has.None.EqualTo(id));
    }

    /// <returns>The byte that was saved; -1 for nothing.</returns>
    private static int StateAfterCrash(TestVolume volume, TestLog log, ContainerRecord container)
    {
        using var after = new TestVolume(new TestLog(log.Flushed));
        ContainerRecord same = after.Create(container.Name, container.Length, container.Manager);
        Assert.That(same.Id, Is.EqualTo(container.Id));
        after.Commit(same, volume.Find(container.Name)!.Newest.Value);
        using var store = new KernelStore(after);
        return store.Containers.Count == 0 ? -1 : store.Containers.Single().Payload.Span[0];
    }
}

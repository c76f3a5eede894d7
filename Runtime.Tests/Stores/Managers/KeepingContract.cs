using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Snapshots;
using Runtime.Stores.Managers;
using Runtime.Stores.Volumes;
using Runtime.Tests.Support;

namespace Runtime.Tests.Stores.Managers;

/// <summary>What every manager keeps that keeps what is written, with all its versions.</summary>
public abstract class KeepingContract : ManagerContract
{
    private Volume? _volume;

    private protected Volume OpenedVolume => _volume!;

    private protected override bool IsReadOnly => false;

    /// <summary>The name of the manager under test.</summary>
    private protected abstract string Manager { get; }

    [Test]
    public void What_was_saved_is_there_after_the_next_boot_with_its_history()
    {
        Snapshot[] snapshots = new Snapshot[3];
        using (Kernel kernel = Boot())
        {
            Container container = Open(kernel);
            for (int i = 0; i < snapshots.Length; i++)
            {
                Fill(container, seed: i);
                snapshots[i] = container.TakeSnapshot();
            }
        }

        using Kernel again = Boot();
        AssertFilled(Open(again), seed: 2);
        IReadOnlyList<SnapshotInfo> history = again.History(Name);
        Assert.That(
            history.Select(kept => (kept.Interval, kept.Length)),
            Is.EqualTo(snapshots.Select(taken => (taken.Interval, taken.Info.Length))));
        Assert.That(history.Select(kept => kept.Time), Is.EqualTo(snapshots.Select(taken => taken.Info.Time)));
        for (int i = 0; i < snapshots.Length; i++)
        {
            using Container version = again.OpenVersion(Name, snapshots[i].Interval);
            Assert.That(version.IsReadOnly);
            AssertFilled(version, seed: i);
            AssertDenied(() => version.View.Write(0, 1));
        }
    }

    [Test]
    public void What_was_not_saved_is_gone()
    {
        using (Kernel kernel = Boot())
        {
            Container container = Open(kernel);
            Fill(container, seed: 1);
            container.TakeSnapshot().WaitForDurable();
            Fill(container, seed: 2);
            container.Abandon();
            using Container reopened = Open(kernel);
            AssertFilled(reopened, seed: 1);
        }
    }

    [Test]
    public void A_version_can_be_opened_at_once_restored_cloned_and_dropped()
    {
        using Kernel kernel = Boot();
        using Container container = Open(kernel);
        Fill(container, seed: 1);
        Snapshot one = container.TakeSnapshot();
        Fill(container, seed: 2);
        Snapshot two = container.TakeSnapshot();
        using (Container version = kernel.OpenVersion(Name, one.Interval))
        {
            AssertFilled(version, seed: 1);
        }

        Fill(container, seed: 3);
        container.Restore(one.Interval);
        AssertFilled(container, seed: 1);
        Assert.That(kernel.History(Name), Has.Count.EqualTo(3));
        AssertFails(() => kernel.DiscardVersions(Name, [one.Interval]), Status.IntervalPinned);
        AssertFails(() => container.Restore(new StateInterval(77)), Status.NoSuchInterval);

        kernel.CloneContainer(Name, "clone", two.Interval);
        AssertFails(() => kernel.CloneContainer(Name, "clone"), Status.AlreadySet);
        using (Container clone = kernel.OpenContainer("clone"))
        {
            AssertFilled(clone, seed: 2);
            Fill(clone, seed: 4);
            clone.TakeSnapshot().WaitForDurable();
        }

        AssertFilled(container, seed: 1);
        Fill(container, seed: 5);
        container.TakeSnapshot().WaitForDurable();
        kernel.DiscardVersions(Name, [one.Interval, two.Interval]);
        Assert.That(kernel.History(Name), Has.Count.EqualTo(2));
        AssertFails(() => kernel.OpenVersion(Name, two.Interval), Status.NoSuchInterval);
        AssertFilled(container, seed: 5);
        using Container again = kernel.OpenContainer("clone");
        AssertFilled(again, seed: 4);
    }

    [Test]
    public void A_name_is_new_again_when_its_container_was_deleted_and_stays_with_one_that_was_renamed()
    {
        using Kernel kernel = Boot();
        using (Container container = Open(kernel))
        {
            Fill(container, seed: 1);
        }

        kernel.RenameContainer(Name, "other");
        using (Container fresh = Open(kernel))
        {
            AssertPage(fresh, 3, "fresh");
        }

        kernel.DeleteContainer(Name);
        using Container again = Open(kernel);
        AssertPage(again, 3, "again");
        using Container other = kernel.OpenContainer("other");
        AssertFilled(other, seed: 1);
    }

    [Test, Deadline(240)]
    public void It_holds_what_an_array_holds_through_writes_cuts_lengths_and_boots([Values(1, 2)] int seed)
    {
        int rounds = OperatingSystem.IsWindows() ? 12 : 60;
        var random = new Random(seed);
        byte[] model = new byte[Length];
        var versions = new List<(StateInterval Interval, byte[] Content)>();
        Kernel kernel = Boot();
        try
        {
            Container container = Open(kernel);
            for (int round = 0; round < rounds; round++)
            {
                string where = $"seed {seed}, round {round}";
                Write(random, container, model);
                switch (random.Next(8))
                {
                    case < 3:
                        versions.Add((container.TakeSnapshot().Interval, [.. model]));
                        break;
                    case 3:
                        Array.Resize(ref model, random.Next(1, 2 * Length));
                        container.Resize(model.Length);
                        break;
                    case 4:
                        Array.Resize(ref model, random.Next(1, model.Length));
                        container.Resize(model.Length);
                        Array.Resize(ref model, model.Length + random.Next(Length));
                        container.Resize(model.Length);
                        break;
                    case 5 when versions.Count > 0:
                        (StateInterval back, byte[] old) = versions[random.Next(versions.Count)];
                        StateInterval cut = container.Interval;
                        container.Restore(back);
                        if (kernel.History(Name).Any(kept => kept.Interval == cut))
                        {
                            versions.Add((cut, model));
                        }

                        model = [.. old];
                        break;
                    case 6:
                        StateInterval last = container.Interval;
                        kernel.Dispose();
                        kernel = Boot();
                        container = Open(kernel);
                        if (kernel.History(Name).Any(kept => kept.Interval == last))
                        {
                            versions.Add((last, [.. model]));
                        }

                        break;
                    default:
                        AssertHolds(container, model, where);
                        break;
                }
            }

            AssertHolds(container, model, $"seed {seed}, at the end");
            foreach ((StateInterval interval, byte[] content) in versions)
            {
                using Container version = kernel.OpenVersion(Name, interval);
                AssertHolds(version, content, $"seed {seed}, version {interval}");
            }
        }
        finally
        {
            kernel.Dispose();
        }
    }

    [Test]
    public void Writers_readers_and_cuts_go_on_together()
    {
        using Kernel kernel = Boot();
        using Container container = Open(kernel);
        var snapshots = new List<(Snapshot Snapshot, int Least)>();
        int done = 0;
        Thread writer = new(() =>
        {
            // Pages get greater numbers in their order, so that a cut at one instant never finds a greater one behind.
            for (int round = 1; round <= 20; round++)
            {
                for (int page = 0; page < 300; page += 3)
                {
                    container.View.Write(page * PageNumber.Size, round);
                }

                Volatile.Write(ref done, round);
            }
        });
        writer.Start();
        while (writer.IsAlive && snapshots.Count < 12)
        {
            int least = Volatile.Read(ref done);
            Snapshot snapshot = container.TakeSnapshot();
            snapshots.Add((snapshot, least));
            using Container version = kernel.OpenVersion(Name, snapshot.Interval);
            AssertOrdered(version, least);
        }

        writer.Join();
        foreach ((Snapshot snapshot, int least) in snapshots)
        {
            snapshot.WaitForDurable();
            using Container version = kernel.OpenVersion(Name, snapshot.Interval);
            AssertOrdered(version, least);
        }

        AssertOrdered(container, 20);
    }

    [Test]
    public void Many_containers_are_saved_at_once()
    {
        using Kernel kernel = Boot();
        Container[] containers = [.. Enumerable.Range(0, 12).Select(i =>
            kernel.OpenContainer($"many {i}", Length, Manager))];
        for (int round = 1; round <= 3; round++)
        {
            for (int i = 0; i < containers.Length; i++)
            {
                Fill(containers[i], seed: (i * 10) + round);
            }

            Snapshot[] snapshots = [.. kernel.TakeSnapshot(containers)];
            Assert.That(Task.WhenAll(snapshots.Select(taken => taken.WaitForDurableAsync())).Wait(60_000));
        }

        for (int i = 0; i < containers.Length; i++)
        {
            AssertFilled(containers[i], seed: (i * 10) + 3);
        }
    }

    /// <summary>The manager below all layers.</summary>
    private protected void ConfigureVolume(KernelOptions options)
    {
        options.OpenVolume = () =>
            _volume = Volume.Open(Directory["home"], new VolumeOptions { Create = true });
        options.Managers.Add(
            "snapshotting", () => new SnapshottingManager(_volume!, new SnapshottingOptions { ReadAhead = 0 }));
    }

    private protected override Container Open(Kernel kernel)
    {
        bool isThere = kernel.Containers.Any(record => record.Name == Name);
        return isThere
            ? kernel.OpenContainer(Name, maximumLength: 4 * Length)
            : kernel.OpenContainer(Name, Length, Manager, maximumLength: 4 * Length);
    }

    /// <summary>Some pages with what compresses, some with what does not, some with nothing.</summary>
    private protected static void Fill(Container container, int seed)
    {
        Span<byte> page = stackalloc byte[PageNumber.Size];
        for (int i = 0; i < PageCount; i++)
        {
            page.Clear();
            Content(i, seed, page);
            if (i % 5 != 4)
            {
                container.View.Write(
                    i * PageNumber.Size, page[..(int)Math.Min(PageNumber.Size, container.Length - (i * 4096))]);
            }
        }
    }

    private protected static void AssertFilled(Container container, int seed)
    {
        Span<byte> expected = stackalloc byte[PageNumber.Size];
        Span<byte> found = stackalloc byte[PageNumber.Size];
        for (int i = 0; i < PageCount; i++)
        {
            int length = (int)Math.Min(PageNumber.Size, container.Length - (i * PageNumber.Size));
            expected.Clear();
            if (i % 5 != 4)
            {
                Content(i, seed, expected);
            }

            container.View.Read(i * PageNumber.Size, found[..length]);
            Assert.That(found[..length].SequenceEqual(expected[..length]), $"page {i} of {seed} in {container.Name}");
        }
    }

    private static void Content(int page, int seed, Span<byte> content)
    {
        switch (page / 16 % 3)
        {
            case 0:
                Pattern.FillPage((seed * 1000) + page, content);
                break;
            case 1:
                content.Fill((byte)(seed + 1 + page));
                break;
            default:
                content[page % 100] = (byte)(seed % 7);             // zeroes, if that is
                break;
        }
    }

    private static void Write(Random random, Container container, byte[] model)
    {
        for (int i = random.Next(30); i > 0; i--)
        {
            int offset = random.Next(model.Length);
            int length = Math.Min(random.Next(1, 9000), model.Length - offset);
            Span<byte> part = model.AsSpan(offset, length);
            if (random.Next(3) == 0)
            {
                random.NextBytes(part);
            }
            else
            {
                part.Fill((byte)random.Next(3));
            }

            container.View.Write(offset, part);
        }
    }

    private static void AssertHolds(Container container, byte[] model, string where)
    {
        Assert.That(container.Length, Is.EqualTo(model.Length), where);
        byte[] found = new byte[model.Length];
        container.View.Read(0, found);
        int same = found.AsSpan().CommonPrefixLength(model);
        Assert.That(same, Is.EqualTo(model.Length), $"{where}: differs in page {same / 4096}");
    }

    private static void AssertOrdered(Container container, int least)
    {
        int before = int.MaxValue;
        for (int page = 0; page < 300; page += 3)
        {
            int value = container.View.Read<int>(page * PageNumber.Size);
            Assert.That(value, Is.LessThanOrEqualTo(before).And.GreaterThanOrEqualTo(least), $"page {page}");
            before = value;
        }
    }
}

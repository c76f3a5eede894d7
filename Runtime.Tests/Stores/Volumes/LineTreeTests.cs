using NUnit.Framework;
using Runtime.Stores.Volumes;
using Runtime.Tests.Stores.Disks;
using Runtime.Tests.Support;

namespace Runtime.Tests.Stores.Volumes;

/// <summary>Small trees of lines, whose versions are discarded in every order there is.</summary>
/// <remarks>
/// After every step each kept version reads as it did, and exactly the blocks that one needs are in use.
/// </remarks>
public class LineTreeTests
{
    private static readonly VolumeOptions s_create = new() { Create = true };

    [Test, Deadline(300)]
    public void A_line_loses_its_versions_in_every_order() => InEveryOrder(driver =>
    {
        Commit(driver, "a", 4);
        return [("a", 1), ("a", 2), ("a", 3)];
    });

    [Test, Deadline(300)]
    public void A_restored_container_loses_the_versions_of_both_lines_in_every_order() => InEveryOrder(driver =>
    {
        Commit(driver, "a", 3);
        driver.Restore("a", 2);
        Commit(driver, "a", 2);
        return [("a", 1), ("a", 2), ("a", 3), ("a", 4)];
    });

    [Test, Deadline(300)]
    public void A_version_restored_twice_is_kept_for_three_lines_in_every_order() => InEveryOrder(driver =>
    {
        Commit(driver, "a", 2);
        driver.Restore("a", 1);
        Commit(driver, "a", 1);
        driver.Restore("a", 1);
        Commit(driver, "a", 2);
        return [("a", 1), ("a", 2), ("a", 3), ("a", 4)];
    });

    [Test, Deadline(300)]
    public void A_clone_of_a_clone_keeps_what_it_began_with_in_every_order() => InEveryOrder(driver =>
    {
        Commit(driver, "a", 2);
        driver.Clone("a", 1, "b");
        Commit(driver, "b", 1);
        driver.Clone("b", 2, "c");
        Commit(driver, "c", 1);
        return [("a", 1), ("b", 1), ("c", 1), ("a", 0), ("b", 0)];
    });

    [Test, Deadline(300)]
    public void Forks_of_forks_go_in_every_order() => InEveryOrder(driver =>
    {
        Commit(driver, "a", 2);
        driver.Restore("a", 1);
        Commit(driver, "a", 2);
        driver.Restore("a", 3);
        Commit(driver, "a", 1);
        driver.Clone("a", 4, "b");
        return [("a", 1), ("a", 2), ("a", 3), ("a", 4), ("b", 0)];
    });

    /// <param name="make">Makes the tree; returns what is to be discarded, or deleted where the interval is 0.</param>
    private static void InEveryOrder(Func<VolumeDriver, (string Name, ulong Interval)[]> make)
    {
        var disk = new SimulatedDisk();
        (string, ulong)[] going;
        VolumeModel model;
        using (Volume volume = Volume.Open(disk, s_create))
        {
            var driver = new VolumeDriver(volume);
            driver.Create("a", 4 << 20);
            going = make(driver);
            model = driver.Reported;
        }

        foreach ((string Name, ulong Interval)[] order in Orders(going))
        {
            using Volume volume = Volume.Open(disk.Reopen());
            var driver = new VolumeDriver(volume, model);
            Check(driver, volume, "at first");
            for (int i = 0; i < order.Length; i++)
            {
                Remove(driver, order[i]);
                Check(driver, volume, string.Join(", ", order[..(i + 1)]));
            }

            foreach (string name in driver.Reported.Containers.Keys.ToList())
            {
                driver.Delete(name);
            }

            Check(driver, volume, "all gone");
            Assert.That(volume.Statistics.InUse, Is.Zero);
            Assert.That(volume.Statistics.Dead, Is.Zero);
        }
    }

    private static void Remove(VolumeDriver driver, (string Name, ulong Interval) version)
    {
        if (!driver.Reported.Containers.TryGetValue(version.Name, out VolumeModel.ContainerModel? container))
        {
            return;
        }

        if (version.Interval == 0)
        {
            driver.Delete(version.Name);
        }
        else if (container.Head!.Interval != version.Interval)
        {
            driver.Discard(version.Name, version.Interval);
        }
    }

    private static void Check(VolumeDriver driver, Volume volume, string where)
    {
        Assert.That(driver.Reported.DifferenceTo(volume), Is.Null, where);
        Assert.That(volume.Verify().Damages, Is.Empty, where);
    }

    /// <summary>Pages that every version changes, that only one has, and that come and go.</summary>
    private static void Commit(VolumeDriver driver, string name, int versions)
    {
        for (int i = 0; i < versions; i++)
        {
            ulong next = driver.Reported.Containers[name].HighestInterval + 1;
            driver.Commit(name, new()
            {
                [0] = (int)next,
                [next] = (int)next * 10,
                [next - 1] = next % 2 == 0 ? 0 : (int)next * 100,
                [300] = 1000 + name[0] + (int)next,
            });
        }
    }

    private static IEnumerable<T[]> Orders<T>(T[] items)
    {
        if (items.Length <= 1)
        {
            yield return items;
            yield break;
        }

        for (int first = 0; first < items.Length; first++)
        {
            foreach (T[] rest in Orders<T>([.. items[..first], .. items[(first + 1)..]]))
            {
                yield return [items[first], .. rest];
            }
        }
    }
}

using System.Globalization;
using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Storage;
using Runtime.Stores.Volumes;
using Runtime.Tests.Support;

namespace Runtime.Tests.Stores.Volumes;

/// <summary>A child commits for ever and is killed at a random moment, again and again, on one volume.</summary>
public class VolumeKillTests
{
    private const int PagesPerCommit = 40;
    private const long Length = 1L << 30;

    private static readonly int s_kills = OperatingSystem.IsWindows() ? 4 : 40;

    [Test, Deadline(600)]
    public void A_kill_at_any_moment_never_loses_a_version_that_was_reported()
    {
        using var directory = new TemporaryDirectory();
        int seed = Environment.TickCount;
        var random = new Random(seed);
        ulong reported = 0;
        for (int kill = 0; kill < s_kills; kill++)
        {
            using ChildProcess child = ChildProcess.Start(CommitsForEver, directory.Path);
            ulong goal = reported + 1;
            string? line = child.ReadLine();
            reported = Math.Max(reported, Parse(line));
            while (reported < goal)
            {
                reported = Parse(child.ReadLine());
            }

            // Spinning, not sleeping: a commit takes less than a timer's tick.
            SpinWait.SpinUntil(() => false, TimeSpan.FromMicroseconds(random.Next(5000)));
            child.Kill();
            while (child.ReadLine() is { } more)
            {
                reported = Parse(more);
            }

            child.WaitForExit();
            Check(directory.Path, reported, $"seed {seed}, kill {kill}");
        }
    }

    /// <summary>Every version up to the last one reported, perhaps one more, and nothing else.</summary>
    private static void Check(string directory, ulong reported, string where)
    {
        using Volume volume = Volume.Open(directory);
        ContainerRecord record = volume.Find("a")!;
        int kept = volume.History(record).Count;
        Assert.That(kept, Is.EqualTo((int)reported).Or.EqualTo((int)reported + 1), where);
        Assert.That(volume.Verify().Damages, Is.Empty, where);
        var actual = new byte[PageNumber.Size];
        foreach (ulong interval in new[] { (ulong)kept, (ulong)Math.Max(1, kept - 1) })
        {
            using VersionMap map = volume.OpenMap(record, new StateInterval(interval));
            foreach (ulong page in Pages(interval))
            {
                map.ReadPage(new PageNumber(page), actual);
                Assert.That(
                    actual.AsSpan().SequenceEqual(VolumeModel.Page((int)interval)),
                    $"{where}, version {interval}, page {page}");
            }
        }
    }

    [Child]
    private static int CommitsForEver(string[] args)
    {
        using Volume volume = Volume.Open(args[0], new VolumeOptions { Create = true });
        ContainerRecord record = volume.Find("a") ?? volume.Create("a", Length, "snapshotting");
        ulong interval = volume.HighestInterval(record).Value;
        Console.WriteLine(interval);
        while (true)
        {
            interval++;
            using VersionDraft draft = volume.OpenDraft(record);
            foreach (ulong page in Pages(interval))
            {
                draft.Write(new PageNumber(page), VolumeModel.Page((int)interval));
            }

            volume.Commit(draft, DateTimeOffset.UtcNow).Dispose();
            Console.WriteLine(interval);
        }
    }

    private static SortedSet<ulong> Pages(ulong interval)
    {
        var random = new Random((int)interval);
        return [.. Enumerable.Range(0, PagesPerCommit).Select(_ => (ulong)random.NextInt64(Length / PageNumber.Size))];
    }

    private static ulong Parse(string? line) => ulong.Parse(line!, CultureInfo.InvariantCulture);
}

using System.Globalization;
using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Snapshots;
using Runtime.Core.Storage;
using Runtime.Stores.Volumes;
using Runtime.Tests.Support;

namespace Runtime.Tests.Stores.Volumes;

/// <summary>
/// A process that commits, discards, deletes and uses blocks again for ever, and others that read its volume.
/// </summary>
public class ReaderProcessTests
{
    private const string Name = "a";
    private const int Kept = 6;
    private const int Pages = 48;
    private const int PagesPerCommit = 12;
    private const int CommitsPerLine = 20;

    private static readonly VolumeOptions s_readOnly = new() { ReadOnly = true };

    // Under Wine everything takes longer, and the code is the same.
    private static readonly int s_commits = OperatingSystem.IsWindows() ? 300 : 3000;

    private TemporaryDirectory _directory = null!;

    private long DataLength => new FileInfo(Path.Combine(_directory.Path, "data")).Length;

    [SetUp]
    public void CreateDirectory() => _directory = new TemporaryDirectory();

    [TearDown]
    public void DeleteDirectory() => _directory.Dispose();

    [Test, Deadline(180)]
    public void Every_reader_finds_every_version_whole_one_of_them_after_thousands_of_commits()
    {
        using ChildProcess writer = ChildProcess.Start(WritesForEver, _directory.Path);
        int first = Parse(writer.ReadLine());
        using Volume old = Volume.Open(_directory.Path, s_readOnly);
        string history = HistoryOf(old);
        int opened = 0;
        ulong newest = 0;
        for (int commits = first; commits < first + s_commits; commits = Parse(writer.ReadLine()))
        {
            using Volume reader = Volume.Open(_directory.Path, s_readOnly);
            ulong seen = CheckAll(reader, $"reader {opened}, about commit {commits}");
            Assert.That(seen, Is.GreaterThanOrEqualTo(newest));
            newest = seen;
            opened++;
        }

        Assert.That(HistoryOf(old), Is.EqualTo(history));
        CheckAll(old, "the oldest");
        TestContext.Out.WriteLine($"{opened} readers, the last of version {newest}");
    }

    [Test, Deadline(180)]
    public void What_readers_kept_that_were_killed_is_used_again()
    {
        using ChildProcess writer = ChildProcess.Start(WritesForEver, _directory.Path);
        Wait(writer, CommitsPerLine);
        for (int round = 0; round < 3; round++)
        {
            using ChildProcess reader = ChildProcess.Start(HoldsForEver, _directory.Path);
            Assert.That(reader.ReadLine(), Is.EqualTo("open"));
            Wait(writer, s_commits / 6);
            reader.Kill();
            reader.WaitForExit();
            Wait(writer, CommitsPerLine * 2);
        }

        // Were it not, each of these commits would add its dozen pages and more.
        long before = DataLength;
        Wait(writer, s_commits / 2);
        Assert.That(DataLength, Is.LessThanOrEqualTo(before + (before / 16)));
    }

    [Test, Deadline(180)]
    public void A_reader_outlives_writers_that_are_killed_and_start_again()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        Volume? old = null;
        string history = "";
        int kills = OperatingSystem.IsWindows() ? 4 : 15;
        for (int kill = 0; kill < kills; kill++)
        {
            using ChildProcess writer = ChildProcess.Start(WritesForEver, _directory.Path);
            Wait(writer, CommitsPerLine);
            if (old is null)
            {
                old = Volume.Open(_directory.Path, s_readOnly);
                history = HistoryOf(old);
            }

            using Volume reader = Volume.Open(_directory.Path, s_readOnly);
            SpinWait.SpinUntil(() => false, TimeSpan.FromMicroseconds(random.Next(20_000)));
            writer.Kill();
            writer.WaitForExit();
            string where = $"seed {seed}, kill {kill}";
            CheckAll(reader, where);
            Assert.That(HistoryOf(old), Is.EqualTo(history), where);
            CheckAll(old, where);
        }

        old!.Dispose();
        using ChildProcess last = ChildProcess.Start(WritesForEver, _directory.Path);
        Wait(last, CommitsPerLine);
        long before = DataLength;
        Wait(last, s_commits / 6);
        Assert.That(DataLength, Is.EqualTo(before), "what was held is in use again");
    }

    /// <summary>Verifies, and reads every page of every version; the newest one's number.</summary>
    private static ulong CheckAll(Volume volume, string where)
    {
        Assert.That(volume.Verify().Damages, Is.Empty, where);
        ContainerRecord record = volume.Find(Name)!;
        IReadOnlyList<SnapshotInfo> history = volume.History(record);
        var actual = new byte[PageNumber.Size];
        foreach (SnapshotInfo version in history)
        {
            using VersionMap map = volume.OpenMap(record, version.Interval);
            int[] expected = ContentOf(version.Interval.Value);
            for (int page = 0; page < Pages; page++)
            {
                map.ReadPage(new PageNumber((ulong)page), actual);
                Assert.That(
                    actual.AsSpan().SequenceEqual(VolumeModel.Page(expected[page])),
                    $"{where}, version {version.Interval}, page {page}");
            }
        }

        return history[^1].Interval.Value;
    }

    private static string HistoryOf(Volume volume) =>
        string.Join(' ', volume.History(volume.Find(Name)!).Select(version => version.Interval));

    /// <summary>What each page holds at a version: the number of the last interval that wrote it.</summary>
    private static int[] ContentOf(ulong interval)
    {
        var content = new int[Pages];
        for (int i = (int)interval; i > 0 && content.Contains(0); i--)
        {
            foreach (ulong page in PagesOf((ulong)i))
            {
                content[page] = content[page] == 0 ? i : content[page];
            }
        }

        return content;
    }

    private static SortedSet<ulong> PagesOf(ulong interval)
    {
        var random = new Random((int)interval);
        return [.. Enumerable.Range(0, PagesPerCommit).Select(_ => (ulong)random.Next(Pages))];
    }

    private static void Wait(ChildProcess writer, int commits)
    {
        int now = 0;
        while (writer.TryReadLine(TimeSpan.Zero) is { } line)
        {
            now = Parse(line);
        }

        now = now == 0 ? Parse(writer.ReadLine()) : now;
        while (Parse(writer.ReadLine()) < now + commits)
        {
        }
    }

    [Child]
    private static int WritesForEver(string[] args)
    {
        using Volume volume = Volume.Open(args[0], new VolumeOptions { Create = true });
        ContainerRecord record = volume.Find(Name) ?? volume.Create(Name, Pages * PageNumber.Size, "snapshotting");
        for (ulong interval = volume.HighestInterval(record).Value + 1; ; interval++)
        {
            using (VersionDraft draft = volume.OpenDraft(record))
            {
                foreach (ulong page in PagesOf(interval))
                {
                    draft.Write(new PageNumber(page), VolumeModel.Page((int)interval));
                }

                volume.Commit(draft, DateTimeOffset.UtcNow).Dispose();
            }

            IReadOnlyList<SnapshotInfo> history = volume.History(record);
            if (history.Count > Kept)
            {
                volume.Discard(record, [.. history.Take(history.Count - Kept + 2).Select(v => v.Interval)]);
            }

            if (interval % 7 == 0)
            {
                volume.Delete(volume.Clone(record, version: null, $"clone {interval}"));
            }

            if (interval % CommitsPerLine == 0)
            {
                Console.WriteLine(interval);
            }
        }
    }

    [Child]
    private static int HoldsForEver(string[] args)
    {
        using Volume volume = Volume.Open(args[0], s_readOnly);
        Console.WriteLine("open");
        Thread.Sleep(Timeout.Infinite);
        return 0;
    }

    private static int Parse(string? line) => int.Parse(line!, CultureInfo.InvariantCulture);
}

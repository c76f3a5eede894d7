using Runtime.Stores.Logs;
using Runtime.Tests.Stores.Disks;
using Runtime.Tests.Stores.Logs;

namespace Runtime.Tests.Stores.Durability;

/// <summary>Checks every state in which power cuts leave a log, and those that cuts after the recovery leave.</summary>
/// <param name="seed">Decides which states are chosen where not all are.</param>
/// <param name="samples">How many are chosen of each kind at each call.</param>
internal sealed class LogCampaign(int seed, int samples)
{
    // Of so many states one is written and crashed again.
    private const int CrashedAgain = 20;
    private const int ReportedViolations = 5;

    private readonly Random _random = new(seed);
    private readonly List<string> _violations = [];

    /// <summary>Different states checked, those below included.</summary>
    public long States { get; private set; }

    /// <summary>Those that power cuts during a recovery, or after it, left.</summary>
    public long OfSecondCrash { get; private set; }

    /// <summary>Those that held more than what had been flushed, or what it was being compacted to.</summary>
    public long Attempted { get; private set; }

    public long ViolationCount { get; private set; }

    /// <summary>The first few.</summary>
    public IReadOnlyList<string> Violations => _violations;

    /// <summary>Checks every state of what is done to a log, from the first lie on if there is one.</summary>
    /// <param name="name">What it is.</param>
    /// <param name="scenario">Does it, from the opening on.</param>
    /// <param name="ignoresFlush">Which flushes are lies.</param>
    public void Run(string name, Action<LogDriver, MortalDisk> scenario, Predicate<int>? ignoresFlush = null)
    {
        JournalDisk<LogPromise> journal = Record(
            new ImageDisk(), LogPromise.Nothing, next: 1, scenario, ignoresFlush, out int from);
        Check(name, journal, from, mayNest: ignoresFlush is null);
    }

    private static JournalDisk<LogPromise> Record(
        ImageDisk start,
        LogPromise known,
        int next,
        Action<LogDriver, MortalDisk> scenario,
        Predicate<int>? ignoresFlush,
        out int firstLie)
    {
        LogDriver driver = null!;
        JournalDisk<LogPromise> journal = null!;
        int? ignored = null;
        journal = new JournalDisk<LogPromise>(start)
        {
            Promise = () => driver.Promise,
            IgnoresFlush = flush =>
            {
                bool isIgnored = ignoresFlush?.Invoke(flush) ?? false;
                ignored ??= isIgnored ? journal.Entries.Count : null;
                return isIgnored;
            },
        };
        var disk = new MortalDisk(journal);
        driver = new LogDriver(disk) { Promise = known, Next = next };
        scenario(driver, disk);
        journal.End();
        firstLie = ignored ?? 0;
        return journal;
    }

    private void Check(string name, JournalDisk<LogPromise> journal, int from, bool mayNest)
    {
        int number = 0;
        var states = new CrashStates<LogPromise>(journal, _random, samples);
        foreach ((ImageDisk image, LogPromise promise) in states.All(from))
        {
            States++;
            number++;
            ImageDisk before = image.Copy();
            if (Check(image, promise, out IReadOnlyList<int> found) is { } violation)
            {
                Violated($"{name}, seed {seed}, state {number}: {violation}");
                continue;
            }

            Attempted += found.SequenceEqual(promise.Flushed) ? 0 : 1;
            if (mayNest && _random.Next(CrashedAgain) == 0)
            {
                CheckSecondCrash(name, before, found);
            }
        }
    }

    /// <summary>Opens an image, which it changes, in every way, and writes it.</summary>
    private static string? Check(ImageDisk image, LogPromise promise, out IReadOnlyList<int> found)
    {
        found = [];
        try
        {
            found = promise.Match(LogUse.Read(image), out string? difference);
            if (difference is not null)
            {
                return difference;
            }

            // A process that is killed leaves what it found.
            for (int opening = 1; opening <= 2; opening++)
            {
                if (LogUse.Difference(LogUse.Open(image).Records, found) is { } other)
                {
                    return $"opened for writing, time {opening}: {other}";
                }
            }

            using (KernelLog log = LogUse.Open(image))
            {
                LogUse.Append(log, 1001, 1002);
                log.Flush();
            }

            if (LogUse.Difference(LogUse.Read(image), [.. found, 1001, 1002]) is { } written)
            {
                return $"when written: {written}";
            }

            using (KernelLog log = LogUse.Open(image))
            {
                log.Compact(LogUse.Records([1002]));
                LogUse.Append(log, 1003);
                log.Flush();
            }

            return LogUse.Difference(LogUse.Read(image), [1002, 1003]) is { } compacted
                ? $"when compacted: {compacted}"
                : null;
        }
        catch (Exception e)
        {
            return e.ToString();
        }
    }

    /// <summary>It is recovered and written, and power goes then.</summary>
    private void CheckSecondCrash(string name, ImageDisk image, IReadOnlyList<int> found)
    {
        JournalDisk<LogPromise> journal = Record(
            image, new LogPromise(found, [], null), next: 2000, WriteOn, ignoresFlush: null, out int from);
        long before = States;
        Check($"{name}, a second time", journal, from, mayNest: false);
        OfSecondCrash += States - before;
    }

    private static void WriteOn(LogDriver driver, MortalDisk disk)
    {
        driver.Open();
        driver.Append();
        driver.Flush();
        driver.Compact();
    }

    private void Violated(string violation)
    {
        ViolationCount++;
        if (_violations.Count < ReportedViolations)
        {
            _violations.Add(violation);
        }
    }
}

using Runtime.Tests.Stores.Disks;
using Runtime.Tests.Stores.Volumes;

namespace Runtime.Tests.Stores.Durability;

/// <summary>Checks the states of journals, and those that power cuts during the recovery from them leave.</summary>
/// <param name="seed">Decides which states are chosen where not all are.</param>
/// <param name="samples">How many are chosen of each kind at each call.</param>
internal sealed class CrashCampaign(int seed, int samples)
{
    // Of so many states one is also written, or written and crashed again. Writing costs as much as ten checks.
    private const int Written = 16;
    private const int CrashedAgain = 100;
    private const int ReportedViolations = 5;

    private readonly Random _random = new(seed);
    private readonly List<string> _violations = [];

    /// <summary>Different states checked, those below included.</summary>
    public long States { get; private set; }

    /// <summary>Those that power cuts during the opening of another one left.</summary>
    public long OfRecovery { get; private set; }

    /// <summary>Those that power cuts during writes after another one left.</summary>
    public long OfSecondCrash { get; private set; }

    /// <summary>Those that held what was being attempted, and that was not what had been reported.</summary>
    public long Attempted { get; private set; }

    public long ViolationCount { get; private set; }

    /// <summary>The first few.</summary>
    public IReadOnlyList<string> Violations => _violations;

    /// <summary>Checks every state of what a run does.</summary>
    /// <param name="name">What it is.</param>
    /// <param name="scenario">Does it, from the opening on.</param>
    /// <param name="ignoresFlush">Which flushes are lies.</param>
    public void Run(string name, Action<CrashRun> scenario, Predicate<int>? ignoresFlush = null)
    {
        var run = new CrashRun(ignoresFlush);
        scenario(run);
        run.Journal.End();
        Check(name, run.Journal, from: 0, mayNest: true);
    }

    /// <summary>Checks the states of a journal from a call on.</summary>
    public void Check(string name, JournalDisk<CrashPromise> journal, int from, bool mayNest)
    {
        int number = 0;
        var states = new CrashStates<CrashPromise>(journal, _random, samples);
        foreach ((ImageDisk image, CrashPromise promise) in states.All(from))
        {
            States++;
            number++;
            ImageDisk? before = mayNest ? image.Copy() : null;
            bool writes = _random.Next(Written) == 0;
            string? violation = CrashChecker.Check(image, promise, writes, out VolumeModel? found);
            if (violation is not null)
            {
                Violated($"{name}, seed {seed}, state {number}: {violation}");
                continue;
            }

            Attempted += found != promise.Reported ? 1 : 0;
            if (before is not null)
            {
                CheckRecovery(name, before, promise, found!, hasChanged: image.Changes > 0 && !writes);
                if (_random.Next(CrashedAgain) == 0)
                {
                    CheckSecondCrash(name, before, promise, found!);
                }
            }
        }
    }

    /// <summary>Power goes again while the volume is being opened.</summary>
    private void CheckRecovery(
        string name, ImageDisk image, CrashPromise promise, VolumeModel found, bool hasChanged)
    {
        // Where opening rewrites what is there already, its power cuts leave what is there already.
        if (!hasChanged)
        {
            return;
        }

        var run = new CrashRun(image, promise.MayBeAbsent ? null : found);
        run.Open();
        long before = States;
        Check($"{name}, during recovery", run.Journal, from: 0, mayNest: false);
        OfRecovery += States - before;
    }

    /// <summary>It is recovered and written, and power goes then.</summary>
    private void CheckSecondCrash(string name, ImageDisk image, CrashPromise promise, VolumeModel found)
    {
        var run = new CrashRun(image, promise.MayBeAbsent ? null : found);
        run.Open();
        run.Driver.Create("second", 1 << 30);
        run.Driver.Commit("second", new() { [1] = 1, [2] = 2, [1 << 17] = 3 });
        foreach ((string container, VolumeModel.ContainerModel model) in run.Driver.Reported.Containers)
        {
            if (model.Versions.Count > 1)
            {
                run.Driver.Discard(
                    container, [.. model.Versions.Where(v => v != model.Head).Take(1).Select(v => v.Interval)]);
                break;
            }
        }

        run.Journal.End();
        long before = States;
        Check($"{name}, a second time", run.Journal, from: 0, mayNest: false);
        OfSecondCrash += States - before;
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

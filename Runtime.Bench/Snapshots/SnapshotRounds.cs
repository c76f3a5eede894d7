using Runtime.Bench.Storage;
using Runtime.Core;

namespace Runtime.Bench.Snapshots;

/// <summary>Every side writes the same pages and saves them, in turn, plan after plan.</summary>
internal sealed class SnapshotRounds(string folder, int rounds)
{
    private int _seed;

    internal IEnumerable<Sample> Run() => SnapshotPlan.All.SelectMany(Run);

    private IEnumerable<Sample> Run(SnapshotPlan plan)
    {
        string own = Path.Combine(folder, Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(own);
        DirtySide[] sides = [.. Sides(own, plan)];
        try
        {
            foreach (int dirty in plan.Dirty)
            {
                Timing.WarmUp(() => Array.ForEach(sides, side => Save(side, plan, dirty)));
                for (int round = 0; round < rounds; round++)
                {
                    _seed++;
                    foreach (Sample sample in sides.SelectMany(side => Samples(side, plan, dirty)))
                    {
                        yield return sample;
                    }
                }
            }
        }
        finally
        {
            Array.ForEach(sides, side => side.Dispose());
            Directory.Delete(own, recursive: true);
        }
    }

    private static IEnumerable<DirtySide> Sides(string folder, SnapshotPlan plan)
    {
        yield return new AppendSide(Path.Combine(folder, "appended"));
        if (plan.IsFull)
        {
            yield return new MappedSide(Path.Combine(folder, "mapped"), plan);
        }

        foreach (var engine in BenchCommand.Engines)
        {
            yield return new ContainerSide(Path.Combine(folder, engine.Name), engine, plan);
        }
    }

    private IEnumerable<Sample> Samples(DirtySide side, SnapshotPlan plan, int dirty)
    {
        Saved saved = Save(side, plan, dirty);
        Sample sample = new()
        {
            Topic = Topics.Durable,
            Side = side.Name,
            Engine = side.Engine,
            Workload = plan.Workload(dirty),
            Cores = Environment.ProcessorCount,
            Count = 1,
            Ns = saved.DurableNs,
            MeanNs = saved.DurableNs,
            Bytes = saved.Bytes,
            EnoughBytes = (long)dirty * PageNumber.Size,
        };
        yield return sample;
        if (saved.CutNs is { } cutNs)
        {
            yield return sample with { Topic = Topics.Cut, Ns = cutNs, MeanNs = cutNs, Bytes = null };
        }
    }

    /// <summary>Of a container that is not full the pages are always the same, or it would become fuller.</summary>
    private Saved Save(DirtySide side, SnapshotPlan plan, int dirty)
    {
        long[] pages = RandomPages.Of(plan.Length / PageNumber.Size, dirty, seed: plan.IsFull ? _seed : 0);
        side.Write(pages, _seed);
        return side.Save(pages);
    }
}

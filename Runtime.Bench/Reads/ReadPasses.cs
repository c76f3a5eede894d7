using Runtime.Bench.Storage;
using Runtime.Core;

namespace Runtime.Bench.Reads;

/// <summary>
/// Passes over pages, cold (not even the system has them in its memory) and warm (the system has them), in which every
/// side copies each page into one and the same buffer.
/// </summary>
internal sealed class ReadPasses
{
    private const int FractionInMemory = 4;
    private const int FractionAtRandom = 16;
    private const int WarmUpPages = 2048;

    private readonly long _pages;
    private readonly ReadSide[] _sides;
    private readonly byte[] _page = new byte[PageNumber.Size];

    internal ReadPasses(string folder, long length)
    {
        _pages = length / PageNumber.Size;
        string file = Path.Combine(folder, "flat");
        string volume = Path.Combine(folder, "volume");
        using (FileStream flat = File.Create(file))
        {
            Fill((_, content) => flat.Write(content));
        }

        ContainerSide.Prepare(volume, length, length / FractionInMemory, Fill);
        _sides =
        [
            new PreadSide(file),
            new MappedSide(file),
            .. BenchCommand.Engines.SelectMany(engine => new ReadSide[]
            {
                new ContainerSide(volume, engine, length / FractionInMemory),
                new FileSide(file, engine, length / FractionInMemory, isSingle: false),
                new FileSide(file, engine, length / FractionInMemory, isSingle: true),
            }),
        ];
    }

    internal IEnumerable<Sample> Run(int rounds)
    {
        long[] inOrder = [.. Enumerable.Range(0, (int)_pages).Select(page => (long)page)];
        long[] atRandom = RandomPages.Of(_pages, (int)(_pages / FractionAtRandom), seed: 1);
        foreach (ReadSide side in _sides)
        {
            Timing.WarmUp(() => Pass(side, "warm-up", inOrder.AsSpan(0, WarmUpPages)));
        }

        for (int round = 0; round < rounds; round++)
        {
            foreach ((string order, long[] pages) in new[] { ("sequential", inOrder), ("random", atRandom) })
            {
                foreach (ReadSide side in _sides)
                {
                    PageCache.Forget(side.Path);
                    yield return Pass(side, $"{order}, cold", pages);
                }

                foreach (ReadSide side in _sides)
                {
                    PageCache.Fill(side.Path);
                    yield return Pass(side, $"{order}, warm", pages);
                }
            }
        }
    }

    private Sample Pass(ReadSide side, string workload, ReadOnlySpan<long> pages)
    {
        using (side)
        {
            side.Open();
            long allocatedBefore = GC.GetAllocatedBytesForCurrentThread();
            long began = System.Diagnostics.Stopwatch.GetTimestamp();
            foreach (long page in pages)
            {
                side.Read(page, _page);
                if (BitConverter.ToInt64(_page) != page)
                {
                    throw new InvalidDataException($"{side.Name} read another page in place of {page}");
                }
            }

            double ns = Timing.Since(began) / pages.Length;
            long allocated = GC.GetAllocatedBytesForCurrentThread() - allocatedBefore;
            return new Sample
            {
                Topic = Topics.Read,
                Side = side.Name,
                Way = side.Way,
                Engine = side.Engine,
                Workload = workload,
                Cores = Environment.ProcessorCount,
                Count = pages.Length,
                Ns = ns,
                MeanNs = ns,
                AllocatedBytes = side.Engine is null ? null : allocated,
            };
        }
    }

    /// <summary>Pages that begin with their number and are incompressible beyond it.</summary>
    private void Fill(Action<long, ReadOnlySpan<byte>> write)
    {
        var random = new Random(1);
        byte[] content = new byte[PageNumber.Size];
        random.NextBytes(content);
        for (long page = 0; page < _pages; page++)
        {
            BitConverter.TryWriteBytes(content, page);
            write(page, content);
        }
    }
}

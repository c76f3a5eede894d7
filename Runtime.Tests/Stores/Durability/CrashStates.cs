using Runtime.Tests.Stores.Disks;

namespace Runtime.Tests.Stores.Durability;

/// <summary>
/// The states in which power cuts may leave a disk: what was flushed, and of what was written since then any sectors.
/// </summary>
/// <remarks>
/// For every call: nothing and all of what is pending; all but one block and one block only, of each or of some; the
/// newest blocks without the older ones; the last call torn; random blocks; random sectors. The same state under the
/// same promise comes once.
/// </remarks>
/// <typeparam name="TPromise">What is promised: two that are equal promise the same.</typeparam>
/// <param name="journal">What was done.</param>
/// <param name="random">Chooses.</param>
/// <param name="samples">How many of each kind there are where not every one is taken.</param>
internal sealed class CrashStates<TPromise>(JournalDisk<TPromise> journal, Random random, int samples)
    where TPromise : class
{
    private const int AllSectors = (1 << ImageBlock.Sectors) - 1;

    // The blocks that were written since the last flush, in order; one without content extends the disk.
    private readonly List<(long Block, ImageBlock? Content)> _pending = [];
    private readonly HashSet<ulong> _seen = [];
    private readonly ImageDisk _medium = journal.Start.Copy();
    private ulong _mediumHash;
    private ulong _promises;

    /// <summary>Builds each state that was not there yet, the calls before <paramref name="from"/> left out.</summary>
    public IEnumerable<(ImageDisk Image, TPromise Promise)> All(int from = 0)
    {
        TPromise? before = null;
        for (int call = 0; call < journal.Entries.Count; call++)
        {
            JournalEntry<TPromise> entry = journal.Entries[call];
            if (before is null || !before.Equals(entry.Promise))
            {
                before = entry.Promise;
                _promises++;
            }

            int older = _pending.Count;
            Add(entry);
            if (call >= from)
            {
                foreach (int[] sectors in Choices(older, _pending.Count))
                {
                    if (TryBuild(sectors, out ImageDisk? image))
                    {
                        yield return (image!, entry.Promise);
                    }
                }
            }

            if (entry.IsFlush)
            {
                Settle();
            }
        }
    }

    private void Add(JournalEntry<TPromise> entry)
    {
        if (entry.BlockCount > 0)
        {
            _pending.Add((entry.BlockCount - 1, null));
        }

        for (int i = 0; i < entry.Blocks?.Length; i++)
        {
            _pending.Add((entry.First + i, entry.Blocks[i]));
        }
    }

    private void Settle()
    {
        foreach ((long block, ImageBlock? content) in _pending)
        {
            _mediumHash ^= _medium[block].Hash(block);
            _medium.Grow(block + 1);
            _medium[block] = content ?? _medium[block];
            _mediumHash ^= _medium[block].Hash(block);
        }

        _pending.Clear();
    }

    /// <summary>What of each pending block is on the medium: a bit for a sector.</summary>
    private IEnumerable<int[]> Choices(int older, int count)
    {
        yield return new int[count];
        if (count == 0)
        {
            yield break;
        }

        yield return Filled(count, AllSectors);
        foreach (int one in Some(0, count))
        {
            yield return Filled(count, AllSectors, (one, 0));
            yield return Filled(count, 0, (one, AllSectors));
        }

        foreach (int newest in Some(0, count))
        {
            int[] choice = new int[count];
            choice.AsSpan(newest).Fill(AllSectors);
            yield return choice;
        }

        // The last call is torn: what came before is there, of it a beginning or an end.
        foreach (int torn in Some(older, count))
        {
            for (int sector = 0; sector < ImageBlock.Sectors; sector += 3)
            {
                int beginning = (1 << sector) - 1;
                int[] choice = new int[count];
                choice.AsSpan(0, torn).Fill(AllSectors);
                choice[torn] = beginning;
                yield return choice;
                yield return Filled(count, AllSectors, (torn, AllSectors & ~beginning));
            }
        }

        for (int i = 0; i < samples; i++)
        {
            double chance = random.NextDouble();
            int[] blocks = new int[count];
            int[] sectors = new int[count];
            for (int unit = 0; unit < count; unit++)
            {
                blocks[unit] = random.NextDouble() < chance ? AllSectors : 0;
                sectors[unit] = random.Next(3) switch { 0 => 0, 1 => AllSectors, _ => random.Next(AllSectors + 1) };
            }

            yield return blocks;
            yield return sectors;
        }
    }

    /// <summary>Every number, or so many of them.</summary>
    private IEnumerable<int> Some(int from, int to)
    {
        if (to - from <= 2 * samples)
        {
            return Enumerable.Range(from, to - from);
        }

        return Enumerable.Range(0, samples).Select(_ => random.Next(from, to)).Append(from).Append(to - 1);
    }

    private static int[] Filled(int count, int sectors, params ReadOnlySpan<(int Unit, int Sectors)> exceptions)
    {
        int[] choice = new int[count];
        choice.AsSpan().Fill(sectors);
        foreach ((int unit, int other) in exceptions)
        {
            choice[unit] = other;
        }

        return choice;
    }

    /// <returns>False if it was there before.</returns>
    private bool TryBuild(int[] sectors, out ImageDisk? image)
    {
        image = null;
        var above = new Dictionary<long, ImageBlock>();
        long blockCount = _medium.BlockCount;
        for (int unit = 0; unit < sectors.Length; unit++)
        {
            (long block, ImageBlock? content) = _pending[unit];
            if (sectors[unit] == 0)
            {
                continue;
            }

            blockCount = Math.Max(blockCount, block + 1);
            if (content is not null)
            {
                above[block] = (above.GetValueOrDefault(block) ?? _medium[block]).With(content, sectors[unit]);
            }
        }

        ulong hash = _mediumHash ^ ImageBlock.Mix((_promises << 40) ^ (ulong)blockCount);
        foreach ((long block, ImageBlock content) in above)
        {
            hash ^= _medium[block].Hash(block) ^ content.Hash(block);
        }

        if (!_seen.Add(hash))
        {
            return false;
        }

        image = _medium.Copy();
        image.Grow(blockCount);
        foreach ((long block, ImageBlock content) in above)
        {
            image[block] = content;
        }

        return true;
    }
}

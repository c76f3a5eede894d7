using NUnit.Framework;
using Runtime.Stores.Volumes;

namespace Runtime.Tests.Stores.Volumes;

public class BlockSetTests
{
    [Test]
    public void It_holds_what_a_sorted_set_holds([Values(1, 2, 3)] int seed)
    {
        const int Range = 100_000;
        var random = new Random(seed);
        var set = new BlockSet();
        var model = new SortedSet<long>();
        for (int i = 0; i < 20_000; i++)
        {
            // Runs, so that words and chunks fill up.
            long start = random.Next(Range);
            for (long block = start; block < Math.Min(Range, start + random.Next(100)); block++)
            {
                bool adds = random.Next(5) > 0;
                Assert.That(
                    adds ? set.Add(block) : set.Remove(block),
                    Is.EqualTo(adds ? model.Add(block) : model.Remove(block)));
            }

            if (i % 1000 == 0)
            {
                Assert.That(set.Count, Is.EqualTo(model.Count));
                long from = random.Next(Range / 64) * 64L;
                ulong expected = Enumerable.Range(0, 64).Where(bit => model.Contains(from + bit))
                    .Aggregate(0UL, (word, bit) => word | (1UL << bit));
                Assert.That(set.Word(from), Is.EqualTo(expected));
            }
        }

        Assert.That(set.Order(), Is.EqualTo(model));
    }

    [Test]
    public void The_largest_block_number_costs_no_more_than_the_smallest()
    {
        var set = new BlockSet();
        Assert.That(set.Add(Format.MaxUInt48), Is.True);
        Assert.That(set, Is.EqualTo(new[] { Format.MaxUInt48 }));
    }
}

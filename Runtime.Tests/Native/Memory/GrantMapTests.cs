using NUnit.Framework;
using Runtime.Native;

namespace Runtime.Tests.Native.Memory;

public class GrantMapTests
{
    private const int Leaf = 16384;                                 // pages of 64 MiB

    [Test]
    public void Says_what_an_array_of_pages_would_say()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        const int Pages = 3 * Leaf;
        var map = new GrantMap(Pages);
        var model = new PageAccess[Pages];
        for (int step = 0; step < 3000; step++)
        {
            // Short ranges and long ones, more often than not at the edges of words and leaves.
            int count = random.Next(4) == 0 ? random.Next(1, Pages) : random.Next(1, 100);
            int first = random.Next(Pages - count + 1);
            first = random.Next(2) == 0 ? Math.Min(first / 32 * 32, Pages - count) : first;
            first = random.Next(10) == 0 ? Math.Clamp(random.Next(4) * Leaf - random.Next(3), 0, Pages - count) : first;
            var access = (PageAccess)random.Next(3);

            int before = Boundaries(model, first, count);
            Assert.That(map.Boundaries(first, count), Is.EqualTo(before), $"seed {seed}, step {step}");
            int promised = map.BoundariesAfter(first, count, access);
            map.Set(first, count, access);
            Array.Fill(model, access, first, count);
            Assert.That(promised, Is.EqualTo(Boundaries(model, first, count)), $"seed {seed}, step {step}");
            Assert.That(map[first], Is.EqualTo(access), $"seed {seed}, step {step}");
            int other = random.Next(Pages);
            Assert.That(map[other], Is.EqualTo(model[other]), $"seed {seed}, step {step}, page {other}");
            int next = Array.FindIndex(model, first, granted => granted > access);
            int start = Array.FindLastIndex(model, other, granted => granted != model[other]) + 1;
            Assert.That(map.StartOfRun(other), Is.EqualTo(start), $"seed {seed}, step {step}, page {other}");
            long end = random.Next(first, Pages + 1);
            Assert.That(
                map.NextAbove(first, end, access),
                Is.EqualTo(next < 0 ? end : Math.Min(next, end)),
                $"seed {seed}, step {step}, from {first} to {end}");
            if (step % 100 == 0)
            {
                Assert.That(map.AllBoundaries(), Is.EqualTo(Boundaries(model, 0, Pages)), $"seed {seed}, step {step}");
            }
        }

        map.Free();
    }

    [Test]
    public void An_untouched_map_grants_nothing()
    {
        var map = new GrantMap(1L << 28);
        Assert.That(map[(1L << 28) - 1], Is.EqualTo(PageAccess.None));
        Assert.That(map.AllBoundaries(), Is.Zero);
        map.Set(0, 1L << 28, PageAccess.None);
        Assert.That(map.Boundaries(5, 1L << 20), Is.Zero);
        map.Free();
    }

    private static int Boundaries(PageAccess[] model, int first, int count)
    {
        int boundaries = 0;
        for (int page = Math.Max(first, 1); page <= Math.Min(first + count, model.Length - 1); page++)
        {
            boundaries += model[page] == model[page - 1] ? 0 : 1;
        }

        return boundaries;
    }
}

using NUnit.Framework;
using Runtime.Native;

namespace Runtime.Tests.Native.Memory;

public class ArenaTests
{
    [Test]
    public void Lengths_are_rounded_up_to_units()
    {
        Assert.That(Arena.RoundUp(1), Is.EqualTo(Arena.UnitSize));
        Assert.That(Arena.RoundUp(Arena.UnitSize), Is.EqualTo(Arena.UnitSize));
        Assert.That(Arena.RoundUp(Arena.UnitSize + 1), Is.EqualTo(2 * Arena.UnitSize));
    }

    [Test]
    public void No_two_ranges_overlap_whatever_is_taken_and_given()
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        var arena = new Arena();
        var taken = new SortedDictionary<nint, long>();
        for (int step = 0; step < 2000; step++)
        {
            if (taken.Count > 0 && random.Next(5) < 2)
            {
                nint address = taken.Keys.ElementAt(random.Next(taken.Count));
                arena.Give(address, taken[address]);
                taken.Remove(address);
                continue;
            }

            long length = Arena.UnitSize * random.Next(1, 40);
            nint taking = arena.Take(length);
            Assert.That((long)taking % Arena.UnitSize, Is.Zero, $"seed {seed}, step {step}");
            taken.Add(taking, length);
        }

        nint end = 0;
        foreach ((nint address, long length) in taken)
        {
            Assert.That(address, Is.GreaterThanOrEqualTo(end), $"seed {seed}");
            end = address + (nint)length;
        }

        foreach ((nint address, long length) in taken)
        {
            arena.Give(address, length);
        }
    }

    [Test]
    public void What_was_given_back_is_taken_again_late()
    {
        var arena = new Arena();
        nint first = arena.Take(Arena.UnitSize);
        arena.Give(first, Arena.UnitSize);
        nint second = arena.Take(Arena.UnitSize);
        Assert.That(second, Is.Not.EqualTo(first));
        arena.Give(second, Arena.UnitSize);
    }

    [Test]
    public void A_range_of_1_TiB_is_a_piece_of_its_own()
    {
        var arena = new Arena();
        nint whole = arena.Take(Arena.PieceSize);
        nint unit = arena.Take(Arena.UnitSize);
        Assert.That(unit < whole || unit - whole >= Arena.PieceSize, Is.True);
        arena.Give(whole, Arena.PieceSize);
        nint again = arena.Take(Arena.PieceSize);
        Assert.That(again, Is.EqualTo(whole));
        arena.Give(again, Arena.PieceSize);
        arena.Give(unit, Arena.UnitSize);
    }
}

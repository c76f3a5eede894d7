using NUnit.Framework;
using Runtime.Stores.Volumes;

namespace Runtime.Tests.Stores.Volumes;

public class SpaceLayoutTests
{
    [Test]
    public void The_first_region_begins_with_the_superblocks_and_the_homes_of_every_level()
    {
        Assert.That(SpaceLayout.FixedIn(0), Is.EqualTo(4 + (5 * 3)));
        Assert.That(SpaceLayout.FixedIn(1), Is.EqualTo(3));
        Assert.That(SpaceLayout.FixedIn(256), Is.EqualTo(6));
        Assert.That(SpaceLayout.FixedIn(65_536), Is.EqualTo(9));
        Assert.That(SpaceLayout.FixedBefore(257), Is.EqualTo(4 + 15 + (255 * 3) + 6));
    }

    [Test]
    public void No_two_blocks_of_the_tree_share_a_home_and_all_lie_where_none_is_given_out()
    {
        var homes = new HashSet<long>();
        for (int level = 0; level <= Format.Tree.MaxHeight; level++)
        {
            ulong nodes = Math.Max(1, 1024 / TreeRoot.Capacity(level));
            for (ulong index = 0; index < nodes; index++)
            {
                BlockPointer pointer = BlockPointer.Hole;
                for (int turn = 0; turn < Format.Space.Homes; turn++)
                {
                    pointer = new BlockPointer(SpaceLayout.NextHome(level, index, pointer), 1, 0);
                    Assert.That(homes.Add(pointer.Block), $"level {level}, index {index}, turn {turn}");
                    Assert.That(SpaceLayout.IsHome(level, index, pointer));
                    long region = pointer.Block / Format.Space.BlocksPerLeaf;
                    Assert.That(
                        pointer.Block % Format.Space.BlocksPerLeaf, Is.LessThan(SpaceLayout.FixedIn(region)));
                    Assert.That(pointer.Block, Is.GreaterThanOrEqualTo(Format.Superblock.Blocks));
                }
            }
        }

        Assert.That(homes.Count, Is.EqualTo(SpaceLayout.FixedBefore(1024) - Format.Superblock.Blocks));
    }

    [Test]
    public void After_three_turns_a_block_of_the_tree_is_at_home_where_it_began()
    {
        var pointer = new BlockPointer(SpaceLayout.NextHome(level: 1, index: 3, BlockPointer.Hole), 1, 0);
        long first = pointer.Block;
        for (int turn = 0; turn < 3; turn++)
        {
            pointer = pointer with { Block = SpaceLayout.NextHome(level: 1, index: 3, pointer) };
        }

        Assert.That(pointer.Block, Is.EqualTo(first));
    }

    [TestCase(100, 64)]
    [TestCase(6400, 64)]
    [TestCase(100_000, 1000)]
    public void The_reserve_is_a_hundredth_but_at_least_64(long end, long reserve) =>
        Assert.That(SpaceLayout.Reserve(end), Is.EqualTo(reserve));
}

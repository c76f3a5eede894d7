using System.Text;
using NUnit.Framework;
using Runtime.Core.Containers;
using Runtime.Tool.Output;
using Runtime.Tool.Stats;

namespace Runtime.Tests.Tool.Output;

public class BlockPictureTests
{
    [TestCase(0, 1)]
    [TestCase(1024, 1)]
    [TestCase(1025, 2)]
    [TestCase(2049, 4)]
    [TestCase(1L << 28, 1L << 18)]
    public void Blocks_are_as_small_as_a_picture_allows(long pageCount, long pagesPerBlock) =>
        Assert.That(BlockPicture.PagesPerBlock(pageCount, mostBlocks: 1024), Is.EqualTo(pagesPerBlock));

    [Test]
    public void A_row_has_64_letters_after_the_offset_of_its_first_byte()
    {
        using var output = new MemoryStream();
        using ToolConsole console = ToolConsole.ForStreams(output, TextWriter.Null);
        BlockPicture.Draw(
            console,
            [.. Enumerable.Repeat(PictureBlock.Empty, 64), PictureBlock.Of('c', "green", isAll: true)],
            pagesPerBlock: 16);
        console.Output.Flush();
        Assert.That(Encoding.UTF8.GetString(output.ToArray()), Is.EqualTo(
            $"           0x0  {new string('.', 64)}\n      0x400000  C\n"));
    }

    [TestCase(8, 0, 0, 0, 0, '.')]
    [TestCase(7, 1, 0, 0, 0, 'c')]
    [TestCase(0, 8, 0, 0, 0, 'C')]
    [TestCase(0, 7, 1, 0, 0, 'd')]
    [TestCase(0, 0, 8, 0, 0, 'D')]
    [TestCase(0, 6, 1, 1, 0, 'u')]
    [TestCase(0, 0, 0, 8, 0, 'U')]
    [TestCase(0, 6, 1, 1, 1, 'p')]
    [TestCase(0, 8, 0, 0, 8, 'P')]
    public void The_rarest_state_of_a_block_is_seen_and_large_if_all_its_pages_have_it(
        long absent, long clean, long dirty, long unsaved, long pinned, char letter) => Assert.That(
            StatsPicture.Picture(new PageStates(absent, clean, dirty, unsaved, pinned)).Letter, Is.EqualTo(letter));
}

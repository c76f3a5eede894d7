using System.Globalization;
using System.Text;
using Runtime.Core;
using Spectre.Console;

namespace Runtime.Tool.Output;

/// <summary>What a picture says of one block: a letter, which a terminal also colours.</summary>
internal readonly record struct PictureBlock(char Letter, string Colour)
{
    /// <summary>Nothing is there.</summary>
    internal static PictureBlock Empty { get; } = new('.', "grey");

    /// <summary>A capital if it is so of all pages of the block, small if of some.</summary>
    internal static PictureBlock Of(char letter, string colour, bool isAll) =>
        new(isAll ? char.ToUpperInvariant(letter) : char.ToLowerInvariant(letter), colour);
}

/// <summary>A container as rows of letters, one for each block of pages; before each row its byte offset.</summary>
internal static class BlockPicture
{
    private const int BlocksInRow = 64;

    /// <summary>The number of pages in a block, a power of two, with which there are at most so many blocks.</summary>
    internal static long PagesPerBlock(long pageCount, int mostBlocks)
    {
        long pages = 1;
        while (pages * mostBlocks < pageCount)
        {
            pages *= 2;
        }

        return pages;
    }

    /// <summary>1 page, or 16 pages (64 KiB).</summary>
    internal static string DescribeBlock(long pagesPerBlock) =>
        $"{Format.Count(pagesPerBlock, "page")} ({Format.Scaled(pagesPerBlock * PageNumber.Size)})";

    internal static void Draw(ToolConsole console, IReadOnlyList<PictureBlock> blocks, long pagesPerBlock)
    {
        for (int first = 0; first < blocks.Count; first += BlocksInRow)
        {
            string offset = (first * pagesPerBlock * PageNumber.Size).ToString("x", CultureInfo.InvariantCulture);
            console.Screen.Markup($"{"0x" + offset,14}  {Row(blocks.Skip(first).Take(BlocksInRow))}");
            console.Output.WriteLine();                             // Spectre's ends differ from system to system
        }
    }

    private static string Row(IEnumerable<PictureBlock> blocks)
    {
        var row = new StringBuilder();
        foreach (PictureBlock block in blocks)
        {
            row.Append(CultureInfo.InvariantCulture, $"[{block.Colour}]{block.Letter}[/]");
        }

        return row.ToString();
    }
}

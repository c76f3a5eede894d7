using Runtime.Core.Containers;
using Runtime.Tool.Output;

namespace Runtime.Tool.Stats;

/// <summary>Draws where a container's pages are: of several states in a block the rarest is seen.</summary>
internal static class StatsPicture
{
    /// <summary>Half a screen of them, so that each second has one.</summary>
    internal const int MostBlocks = 512;

    internal static void Draw(ToolConsole console, IReadOnlyList<PageStates> blocks, long pagesPerBlock)
    {
        console.Output.WriteLine(
            $"each letter is {BlockPicture.DescribeBlock(pagesPerBlock)}: . absent, C clean, D dirty, " +
            "U closed but not saved, P pinned; small if only some of its pages");
        BlockPicture.Draw(console, [.. blocks.Select(Picture)], pagesPerBlock);
        console.Output.WriteLine();
    }

    /// <summary>Pinned before unsaved, before dirty, before clean.</summary>
    internal static PictureBlock Picture(PageStates block)
    {
        long pages = block.Absent + block.Clean + block.Dirty + block.Unsaved;
        return block switch
        {
            { Pinned: > 0 } => PictureBlock.Of('p', "red", block.Pinned == pages),
            { Unsaved: > 0 } => PictureBlock.Of('u', "blue", block.Unsaved == pages),
            { Dirty: > 0 } => PictureBlock.Of('d', "yellow", block.Dirty == pages),
            { Clean: > 0 } => PictureBlock.Of('c', "green", block.Clean == pages),
            _ => PictureBlock.Empty,
        };
    }
}

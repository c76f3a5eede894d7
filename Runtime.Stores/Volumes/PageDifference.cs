using Runtime.Core;

namespace Runtime.Stores.Volumes;

/// <summary>
/// Finds the pages for which two maps have different blocks; it reads nodes of the maps, but no page.
/// </summary>
/// <remarks>Subtrees that they share are not looked into, so it costs what was changed between them.</remarks>
internal static class PageDifference
{
    /// <summary>The pages before an end, ascending, as they are found.</summary>
    public static IEnumerable<PageNumber> Of(BlockReader reader, TreeRoot left, TreeRoot right, ulong end) =>
        Below(reader, left, right, Math.Max(1, Math.Max(left.Height, right.Height)), first: 0, end);

    private static IEnumerable<PageNumber> Below(
        BlockReader reader, TreeRoot left, TreeRoot right, int height, ulong first, ulong end)
    {
        if (left.Pointer == right.Pointer)
        {
            yield break;
        }

        CachedBlock? leftNode = Node(reader, left, height);
        CachedBlock? rightNode = Node(reader, right, height);
        ulong step = TreeRoot.Capacity(height - 1);
        for (int slot = 0; slot < Format.Tree.Fanout && first < end; slot++, first += step)
        {
            TreeRoot leftChild = Child(reader, left, leftNode, height, slot);
            TreeRoot rightChild = Child(reader, right, rightNode, height, slot);
            if (height > 1)
            {
                foreach (PageNumber page in Below(reader, leftChild, rightChild, height - 1, first, end))
                {
                    yield return page;
                }
            }
            else if (leftChild.Pointer != rightChild.Pointer)
            {
                yield return new PageNumber(first);
            }
        }
    }

    /// <summary>The node of a tree at a height; null if the tree is lower or empty.</summary>
    private static CachedBlock? Node(BlockReader reader, TreeRoot tree, int height) =>
        tree.IsEmpty || tree.Height < height ? null : reader.ReadCached(tree.Pointer);

    private static TreeRoot Child(BlockReader reader, TreeRoot tree, CachedBlock? node, int height, int slot)
    {
        if (node is null)
        {
            // A lower tree is all below the first slot of a higher one.
            return slot == 0 && tree.Height < height ? tree : TreeRoot.Empty;
        }

        BlockPointer child = node.Child(slot);
        reader.Check(child, holder: node.Pointer);
        return child.IsHole ? TreeRoot.Empty : new TreeRoot(child, height - 1);
    }
}

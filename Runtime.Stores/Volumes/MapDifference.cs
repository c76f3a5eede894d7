namespace Runtime.Stores.Volumes;

/// <summary>Finds the blocks that one map has and another, which came of it, has not.</summary>
/// <remarks>Subtrees that they share are not looked into.</remarks>
internal static class MapDifference
{
    public static BlockSet Of(BlockReader reader, TreeRoot older, TreeRoot younger)
    {
        var found = new BlockSet();
        reader.Check(older.Pointer, holder: BlockReader.Record);
        reader.Check(younger.Pointer, holder: BlockReader.Record);
        Add(reader, older, younger, found);
        return found;
    }

    private static void Add(BlockReader reader, TreeRoot older, TreeRoot younger, BlockSet found)
    {
        while (younger.Height > older.Height && !younger.IsEmpty)
        {
            // It has grown: the older one, if it still has it, is all below the first slot.
            younger = Child(reader, younger, slot: 0);
        }

        if (older.IsEmpty || older.Pointer == younger.Pointer)
        {
            return;
        }

        if (!found.Add(older.Pointer.Block))
        {
            throw Damage.At(older.Pointer.Block, "it is used twice");
        }

        for (int slot = 0; slot < Format.Tree.Fanout && older.Height > 0; slot++)
        {
            TreeRoot other = younger.IsEmpty || younger.Height < older.Height
                ? TreeRoot.Empty
                : Child(reader, younger, slot);
            Add(reader, Child(reader, older, slot), other, found);
        }
    }

    private static TreeRoot Child(BlockReader reader, TreeRoot parent, int slot)
    {
        BlockPointer child = reader.ReadCached(parent.Pointer).Child(slot);
        reader.Check(child, holder: parent.Pointer);
        return new TreeRoot(child, parent.Height - 1);
    }
}

namespace Runtime.Stores.Volumes;

/// <summary>What a draft asks of a commit.</summary>
/// <param name="BaseBirth">Of the version that it is based on; 0 for none.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Pages">Ascending.</param>
/// <param name="Keep">Pages of the version that it is based on from here on are left out.</param>
/// <param name="Blocks">That it took.</param>
internal sealed record DraftContent(
    long BaseBirth, long Length, List<TreeEntry> Pages, ulong Keep, List<long> Blocks);

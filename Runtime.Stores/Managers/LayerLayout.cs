using Runtime.Core;

namespace Runtime.Stores.Managers;

/// <summary>
/// Where a layer keeps the pages of a container in another: behind a header, in groups with a table each.
/// </summary>
/// <remarks>Lengths can be told from each other, so that a version of the one is enough to know the other's.</remarks>
/// <param name="GroupPages">How many pages follow a table.</param>
internal readonly record struct LayerLayout(int GroupPages)
{
    /// <summary>Where a page's group begins: with its table.</summary>
    public long TablePage(long page) => 1 + (page / GroupPages * (GroupPages + 1));

    public long BackingPage(long page) => TablePage(page) + 1 + (page % GroupPages);

    /// <summary>
    /// A page for each, and a piece that nobody touches, to tell the bytes of a last one that is not full.
    /// </summary>
    public long BackingLength(long length)
    {
        long count = PageNumber.CountFor(length);
        long end = count == 0 ? 1 : BackingPage(count - 1) + 1;
        return (end * PageNumber.Size) + (length % PageNumber.Size);
    }

    public long Length(long backingLength)
    {
        long last = (backingLength / PageNumber.Size) - 2;          // from the first table on
        if (last < 0)
        {
            return 0;
        }

        long count = (last / (GroupPages + 1) * GroupPages) + (last % (GroupPages + 1));
        long rest = backingLength % PageNumber.Size;
        return rest == 0 ? count * PageNumber.Size : ((count - 1) * PageNumber.Size) + rest;
    }
}

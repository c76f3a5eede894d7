using Runtime.Core;

namespace Runtime.Stores.Volumes;

/// <summary>Copies pages of versions to the drafts of another volume: those that the version's base has not.</summary>
internal sealed class PageCopy(
    BlockStore source, IProgress<VolumeProgress>? progress, CancellationToken cancellationToken)
{
    private const int PagesAtOnce = 256;

    private readonly PageNumber[] _pages = new PageNumber[PagesAtOnce];
    private readonly byte[] _contents = new byte[PagesAtOnce * PageNumber.Size];
    private long _total;
    private long _done;

    /// <returns>How many pages were copied.</returns>
    public long Run(IReadOnlyList<CopiedVersion> versions)
    {
        _total = versions.Sum(copied => Pages(copied.Version).LongCount());
        foreach (CopiedVersion copied in versions)
        {
            using VersionMap map = Open(copied.Version.Record);
            int count = 0;
            foreach (PageNumber page in Pages(copied.Version))
            {
                _pages[count++] = page;
                if (count == PagesAtOnce)
                {
                    Copy(map, copied.Draft, count);
                    count = 0;
                }
            }

            Copy(map, copied.Draft, count);
        }

        return _done;
    }

    private void Copy(VersionMap map, VersionDraft draft, int count)
    {
        for (int first = 0, end; first < count; first = end)
        {
            end = first + 1;
            while (end < count && _pages[end].Value == _pages[end - 1].Value + 1)
            {
                end++;
            }

            map.ReadPages(_pages[first], _contents.AsSpan(first * PageNumber.Size, (end - first) * PageNumber.Size));
        }

        draft.Write(_pages.AsSpan(0, count), _contents.AsSpan(0, count * PageNumber.Size));
        _done += count;
        progress?.Report(new VolumeProgress(_done, _total));
    }

    private IEnumerable<PageNumber> Pages(KeptVersion version)
    {
        using VersionMap map = Open(version.Record);
        using VersionMap? below = version.Base is { } record ? Open(record) : null;
        foreach (PageNumber page in below is null ? map.StoredPages() : map.DifferingPages(below))
        {
            if (page.Offset >= (ulong)version.Record.Length)
            {
                break;                                              // it shrank: the draft knows
            }

            cancellationToken.ThrowIfCancellationRequested();
            yield return page;
        }
    }

    private VersionMap Open(VersionRecord version) =>
        new(source, version, version.Id, version.Length, open: null);
}

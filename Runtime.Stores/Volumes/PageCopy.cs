using Runtime.Core;

namespace Runtime.Stores.Volumes;

/// <summary>Copies pages of versions to the drafts of another volume: those that the version's base has not.</summary>
internal sealed class PageCopy(
    BlockStore source, IProgress<VolumeProgress>? progress, CancellationToken cancellationToken)
{
    private const int PagesAtOnce = 256;

    private readonly byte[] _contents = new byte[PagesAtOnce * PageNumber.Size];
    private long _total;
    private long _done;

    /// <returns>How many pages were copied.</returns>
    public long Run(IReadOnlyList<CopiedVersion> versions)
    {
        _total = versions.Sum(copied => Pages(copied.Version).LongCount());
        foreach (CopiedVersion copied in versions)
        {
            Copy(copied);
        }

        return _done;
    }

    private void Copy(CopiedVersion copied)
    {
        using VersionMap map = Open(copied.Version.Record);
        PageNumber first = default;
        int count = 0;
        foreach (PageNumber page in Pages(copied.Version))
        {
            if (count == PagesAtOnce || page.Value != first.Value + (ulong)count)
            {
                Copy(map, copied.Draft, first, count);
                (first, count) = (page, 0);
            }

            count++;
        }

        Copy(map, copied.Draft, first, count);
    }

    private void Copy(VersionMap map, VersionDraft draft, PageNumber first, int count)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (count > 0)
        {
            Span<byte> contents = _contents.AsSpan(0, count * PageNumber.Size);
            map.ReadPages(first, contents);
            draft.Write(first, contents);
            progress?.Report(new VolumeProgress(_done += count, _total));
        }
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

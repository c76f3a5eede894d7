using Runtime.Core;
using Runtime.Core.Storage;
using Runtime.Stores.Volumes;

namespace Runtime.Tool;

/// <summary>How many pages of a block the volume has, and how many differ from the other version's.</summary>
internal sealed record MapBlock(long FirstPage, long Pages, long Stored, long Differing);

/// <summary>Pages side by side.</summary>
internal sealed record PageRun(long FirstPage, long Pages);

/// <summary>
/// Which pages of a version the volume has, and which differ from those of another one. The interval is null if the
/// container has no version; without another version, that and what differs are null.
/// </summary>
internal sealed record MapReport(
    string Container,
    ulong? Interval,
    ulong? ComparedWith,
    long Bytes,
    long Pages,
    long Stored,
    long? Differing,
    long PagesPerBlock,
    MapBlock[] Blocks,
    PageRun[]? DifferingRuns);

/// <summary>Maps a stored version, block by block of pages, without reading any of its pages.</summary>
internal sealed class ContainerMap
{
    // Every report takes a lock that the drawing thread also takes.
    private const ulong ReportsEveryPages = 4096;

    private readonly VersionMap _version;
    private readonly VersionMap? _other;
    private readonly long _pageCount;
    private readonly long _pagesPerBlock;
    private readonly long[] _stored;
    private readonly long[] _differing;
    private readonly List<PageRun> _differingRuns = [];

    /// <param name="version">What is mapped.</param>
    /// <param name="other">What it is compared with, if anything.</param>
    /// <param name="pagesPerBlock">At least 1.</param>
    internal ContainerMap(VersionMap version, VersionMap? other, long pagesPerBlock)
    {
        _version = version;
        _other = other;
        _pageCount = PageCount(version, other);
        _pagesPerBlock = pagesPerBlock;
        _stored = new long[(_pageCount + pagesPerBlock - 1) / pagesPerBlock];
        _differing = new long[_stored.Length];
    }

    /// <summary>How many pages a picture has: those of the longer version.</summary>
    internal static long PageCount(VersionMap version, VersionMap? other) =>
        PageNumber.CountFor(Math.Max(version.Length, other?.Length ?? 0));

    /// <summary>Looks; reports from 0 to 1.</summary>
    internal MapReport Take(ContainerRecord container, IProgress<double> progress, CancellationToken cancellationToken)
    {
        Count(_version.StoredPages(), page => _stored[page / _pagesPerBlock]++);
        if (_other is not null)
        {
            Count(_version.DifferingPages(_other), AddDiffering);
        }

        return new MapReport(
            container.Name,
            NullIfNone(_version),
            _other is null ? null : NullIfNone(_other),
            _version.Length,
            _pageCount,
            _stored.Sum(),
            _other is null ? null : _differing.Sum(),
            _pagesPerBlock,
            [.. _stored.Select(Block)],
            _other is null ? null : [.. _differingRuns]);

        void Count(IEnumerable<PageNumber> pages, Action<long> add)
        {
            foreach (PageNumber page in pages)
            {
                cancellationToken.ThrowIfCancellationRequested();
                add((long)page.Value);
                if (page.Value % ReportsEveryPages == 0)
                {
                    progress.Report((double)page.Value / _pageCount);
                }
            }
        }
    }

    private static ulong? NullIfNone(VersionMap map) => map.Interval.Value == 0 ? null : map.Interval.Value;

    private void AddDiffering(long page)
    {
        _differing[page / _pagesPerBlock]++;
        if (_differingRuns is [.., var last] && last.FirstPage + last.Pages == page)
        {
            _differingRuns[^1] = last with { Pages = last.Pages + 1 };
        }
        else
        {
            _differingRuns.Add(new PageRun(page, 1));
        }
    }

    private MapBlock Block(long stored, int block)
    {
        long first = block * _pagesPerBlock;
        return new MapBlock(first, Math.Min(_pagesPerBlock, _pageCount - first), stored, _differing[block]);
    }
}

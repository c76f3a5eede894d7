using System.Runtime.InteropServices;
using Runtime.Core;
using Runtime.Core.Snapshots;
using Runtime.Core.Storage;
using Runtime.Stores.Volumes;

namespace Runtime.Tests.Stores.Volumes;

/// <summary>
/// What a volume must hold: of each container every version, of each version the pages that are not zero.
/// </summary>
/// <remarks>A page's content is a number that fills it; 0 is a page of zeroes.</remarks>
internal sealed class VolumeModel
{
    public Dictionary<string, ContainerModel> Containers { get; private init; } = [];

    public VolumeModel Clone() => new() { Containers = Containers.ToDictionary(c => c.Key, c => c.Value.Clone()) };

    /// <summary>Whether a volume holds exactly this; the reason why not, otherwise.</summary>
    public string? DifferenceTo(Volume volume)
    {
        IReadOnlyList<ContainerRecord> records = volume.Containers;
        if (records.Count != Containers.Count || !records.All(record => Containers.ContainsKey(record.Name)))
        {
            string names = string.Join(' ', records.Select(c => c.Name));
            string expected = string.Join(' ', Containers.Keys.Order(StringComparer.Ordinal));
            return $"the containers are '{names}', not '{expected}'";
        }

        return records
            .Select(record => Containers[record.Name].DifferenceTo(volume, record))
            .FirstOrDefault(d => d is not null);
    }

    public static byte[] Page(int content)
    {
        var page = new byte[PageNumber.Size];
        MemoryMarshal.Cast<byte, int>(page.AsSpan()).Fill(content);
        return page;
    }

    /// <param name="Interval">The interval that it closed.</param>
    /// <param name="Changed">How many pages were written in it.</param>
    /// <param name="Length">Bytes.</param>
    /// <param name="Pages">Those that were ever written and not dropped.</param>
    internal sealed record VersionModel(ulong Interval, int Changed, long Length, Dictionary<ulong, int> Pages);

    internal sealed class ContainerModel(long length)
    {
        public long Length { get; private set; } = length;

        /// <summary>The version that the next one follows; null before the first.</summary>
        public VersionModel? Head { get; private set; }

        public ulong HighestInterval { get; private set; }

        public List<VersionModel> Versions { get; private init; } = [];

        public ContainerModel Clone() => new(Length)
        {
            Head = Head,
            HighestInterval = HighestInterval,
            Versions = [.. Versions],
        };

        public void Commit(ulong interval, SortedDictionary<ulong, int> changes, long length)
        {
            var pages = new Dictionary<ulong, int>(Head?.Pages ?? []);
            foreach ((ulong page, int content) in changes)
            {
                pages[page] = content;
            }

            foreach (ulong page in pages.Keys.Where(page => page >= (ulong)PageNumber.CountFor(length)).ToList())
            {
                pages.Remove(page);
            }

            Head = new VersionModel(interval, changes.Count, length, pages);
            HighestInterval = interval;
            Versions.Add(Head);
            Length = length;
        }

        public void Restore(ulong interval)
        {
            Head = Versions.Single(version => version.Interval == interval);
            Length = Head.Length;
        }

        public void Rollback(ulong interval)
        {
            Restore(interval);
            Versions.RemoveAll(version => version.Interval > interval);
        }

        public void Discard(IReadOnlyCollection<ulong> intervals) =>
            Versions.RemoveAll(version => intervals.Contains(version.Interval));

        public ContainerModel CloneAt(ulong? interval)
        {
            VersionModel? fork = interval is null ? Head : Versions.Single(version => version.Interval == interval);
            var clone = new ContainerModel(fork?.Length ?? Length);
            if (fork is not null)
            {
                clone.Head = fork with { Interval = 1, Changed = 0 };
                clone.HighestInterval = 1;
                clone.Versions.Add(clone.Head);
            }

            return clone;
        }

        public string? DifferenceTo(Volume volume, ContainerRecord record)
        {
            IReadOnlyList<SnapshotInfo> kept = volume.History(record);
            if (record.Length != Length || !kept.Select(v => (v.Interval.Value, (int)v.PagesChanged, v.Length))
                .SequenceEqual(Versions.Select(v => (v.Interval, v.Changed, v.Length))))
            {
                string history = string.Join(
                    ' ', kept.Select(v => (v.Interval.Value, (int)v.PagesChanged, v.Length)));
                string expected = string.Join(' ', Versions.Select(v => (v.Interval, v.Changed, v.Length)));
                return $"{record.Name}'s history is {history} with {record.Length} bytes, not {expected} with {Length}";
            }

            foreach (VersionModel version in Versions)
            {
                using VersionMap map = volume.OpenMap(record, new StateInterval(version.Interval));
                if (DifferenceTo(map, version) is { } difference)
                {
                    return $"{record.Name}, version {version.Interval}, {difference}";
                }
            }

            using VersionMap head = volume.OpenMap(record);
            return head.Interval.Value == (Head?.Interval ?? 0)
                ? null
                : $"{record.Name} begins with version {head.Interval}, not {Head?.Interval}";
        }

        private static string? DifferenceTo(VersionMap map, VersionModel version)
        {
            var actual = new byte[PageNumber.Size];
            foreach ((ulong page, int content) in version.Pages)
            {
                map.ReadPage(new PageNumber(page), actual);
                if (MemoryMarshal.Cast<byte, int>(actual.AsSpan()).ContainsAnyExcept(content))
                {
                    return $"page {page} is not all {content}";
                }
            }

            ulong other = (ulong)version.Pages.Count * 7;
            return !version.Pages.ContainsKey(other) && map.ReadPage(new PageNumber(other), actual)
                ? $"has a block for page {other}, which was never written"
                : null;
        }
    }
}

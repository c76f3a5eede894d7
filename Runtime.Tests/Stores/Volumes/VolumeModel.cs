using Runtime.Core;
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
        string names = string.Join(' ', volume.Containers.Select(c => c.Name));
        string expected = string.Join(' ', Containers.Keys.Order(StringComparer.Ordinal));
        if (names != expected)
        {
            return $"the containers are '{names}', not '{expected}'";
        }

        return Containers
            .Select(c => c.Value.DifferenceTo(volume, volume.Find(c.Key)!))
            .FirstOrDefault(d => d is not null);
    }

    public static byte[] Page(int content)
    {
        var page = new byte[PageNumber.Size];
        System.Runtime.InteropServices.MemoryMarshal.Cast<byte, int>(page.AsSpan()).Fill(content);
        return page;
    }

    internal sealed class ContainerModel(long length)
    {
        public long Length { get; private set; } = length;

        public List<(ulong Interval, int Changed, long Length, Dictionary<ulong, int> Pages)> Versions
        {
            get;
            private init;
        } = [];

        public Dictionary<ulong, int> Newest => Versions.Count == 0 ? [] : Versions[^1].Pages;

        public ContainerModel Clone() => new(Length) { Versions = [.. Versions] };

        public void Commit(ulong interval, SortedDictionary<ulong, int> changes, long length)
        {
            var pages = new Dictionary<ulong, int>(Newest);
            foreach ((ulong page, int content) in changes)
            {
                pages[page] = content;
            }

            Versions.Add((interval, changes.Count, length, pages));
            Length = length;
        }

        public string? DifferenceTo(Volume volume, ContainerRecord record)
        {
            string history = string.Join(
                ' ', volume.History(record).Select(v => (v.Interval.Value, (int)v.PagesChanged, v.Length)));
            string expected = string.Join(' ', Versions.Select(v => (v.Interval, v.Changed, v.Length)));
            if (history != expected || record.Length != Length)
            {
                return $"{record.Name}'s history is {history} with {record.Length} bytes, not {expected} with {Length}";
            }

            var actual = new byte[PageNumber.Size];
            foreach ((ulong interval, _, _, Dictionary<ulong, int> pages) in Versions)
            {
                VersionMap map = volume.OpenMap(record, new StateInterval(interval));
                foreach ((ulong page, int content) in pages)
                {
                    map.ReadPage(new PageNumber(page), actual);
                    if (!actual.AsSpan().SequenceEqual(Page(content)))
                    {
                        return $"{record.Name}, version {interval}, page {page} is not all {content}";
                    }
                }

                ulong other = (ulong)pages.Count * 7;
                if (!pages.ContainsKey(other) && map.ReadPage(new PageNumber(other), actual))
                {
                    return $"{record.Name}, version {interval}, has a block for page {other}, which was never written";
                }
            }

            return null;
        }
    }
}

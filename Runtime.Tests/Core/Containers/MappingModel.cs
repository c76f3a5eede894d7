using Runtime.Core;
using Runtime.Core.Containers;

namespace Runtime.Tests.Core.Containers;

/// <summary>What every page of containers that show each other must hold, and which calls must be refused.</summary>
internal static class MappingModel
{
    internal const int Unit = ContainerMapping.Granularity;
    internal const int PageSize = PageNumber.Size;

    internal sealed record Mapped(long Offset, Box Source, long SourceOffset, long Length, bool IsWritable)
    {
        internal bool Overlaps(long offset, long length) => Offset < offset + length && offset < Offset + Length;
    }

    /// <summary>A container, as long as it is open.</summary>
    internal sealed class Box(Container container)
    {
        internal Container Container { get; set; } = container;

        internal bool IsGone { get; set; }

        /// <summary>The first value of each of its own pages.</summary>
        internal Dictionary<long, long> Own { get; set; } = [];

        internal List<Mapped> Mappings { get; } = [];

        /// <summary>Windows beside the first, each with mappings of its own.</summary>
        internal List<(ContainerWindow Window, List<Mapped> Mappings)> Windows { get; } = [];

        internal List<(StateInterval Interval, Dictionary<long, long> Own)> Versions { get; } = [];

        internal IEnumerable<Mapped> All => Mappings.Concat(Windows.SelectMany(window => window.Mappings));

        internal bool Reaches(Box other) => this == other || All.Any(mapped => mapped.Source.Reaches(other));
    }

    /// <summary>Whose page is seen at an offset of a window, and whether it may be written there.</summary>
    internal static (Box Owner, long Page, bool IsWritable) Find(Box box, List<Mapped> ofWindow, long offset)
    {
        bool isWritable = true;
        List<Mapped> mappings = ofWindow;
        while (true)
        {
            Mapped? mapped = mappings.Find(one => one.Overlaps(offset, 1));
            if (mapped is null && mappings == ofWindow && ofWindow != box.Mappings)
            {
                mappings = box.Mappings;                            // what the window does not override
                continue;
            }

            if (mapped is null || box.IsGone)
            {
                return (box, offset / PageSize, isWritable);
            }

            isWritable &= mapped.IsWritable;
            offset = offset - mapped.Offset + mapped.SourceOffset;
            box = mapped.Source;
            mappings = ofWindow = box.IsGone ? [] : box.Mappings;
        }
    }

    internal static Status ExpectMap(Box host, List<Mapped> mappings, Box source, long offset, long from, long length)
    {
        long end = host.Container.Length;
        return offset + length > end || from + length > end ? Status.OutOfRange
            : mappings.Exists(one => one.Overlaps(offset, length)) ? Status.Overlap
            : source.Reaches(host) ? Status.Cycle
            : Status.Success;
    }

    internal static Status ExpectUnmap(List<Mapped> mappings, long offset, long length)
    {
        List<Mapped> there = mappings.FindAll(one => one.Overlaps(offset, length));
        return there.Exists(one => one.Offset < offset || one.Offset + one.Length > offset + length) ? Status.Overlap
            : there.Count == 0 ? Status.OutOfRange
            : Status.Success;
    }
}

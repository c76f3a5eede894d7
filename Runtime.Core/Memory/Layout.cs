using System.Collections.Immutable;
using Runtime.Core.Containers;

namespace Runtime.Core.Memory;

/// <summary>What a window is to show: mappings followed to whose pages they are.</summary>
internal static class Layout
{
    /// <summary>From the window's first page to its last, without gaps.</summary>
    internal static List<Stretch> Of(PanedWindow window)
    {
        var stretches = new List<Stretch>();
        Follow(window.Whole, window.Mappings, rest => Follow(rest, stretches), stretches);
        return stretches;
    }

    private static void Follow(Stretch stretch, List<Stretch> stretches) =>
        Follow(stretch, stretch.Owner.Mappings, stretches.Add, stretches);

    /// <summary>Cuts a stretch into what lies in mappings of its owner, which are followed, and the rest.</summary>
    private static void Follow(
        Stretch stretch, ImmutableArray<ContainerMapping> mappings, Action<Stretch> rest, List<Stretch> stretches)
    {
        long page = stretch.Page;
        long end = stretch.Page + stretch.Count;
        foreach (ContainerMapping mapping in mappings.Where(one => one.FirstPage < end && one.EndPage > page))
        {
            long first = Math.Max(mapping.FirstPage, stretch.Page);
            long next = Math.Min(mapping.EndPage, end);
            if (first > page)
            {
                rest(stretch.Part(page, first - page));
            }

            Stretch mapped = stretch.Part(first, next - first);
            Follow(
                mapped with
                {
                    Owner = mapping.Source.Memory,
                    Page = first - mapping.FirstPage + (mapping.SourceOffset / PageNumber.Size),
                    IsReadOnly = stretch.IsReadOnly || mapping.Access == Access.Read,
                },
                stretches);
            page = next;
        }

        if (page < end)
        {
            rest(stretch.Part(page, end - page));
        }
    }
}

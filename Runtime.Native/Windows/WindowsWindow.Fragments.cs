namespace Runtime.Native.Windows;

/// <content>Where it shows other pages than those of its own section.</content>
internal sealed unsafe partial class WindowsWindow
{
    // By the chunk of the window's addresses, each array ascending and without gaps; changed under Sync and the lock of
    // the window's own section. A chunk that has been in fragments stays so: one fragment then.
    private readonly Dictionary<long, Fragment[]> _fragments = [];

    /// <summary>Whether the section does not show its chunk here as a whole; asked under its lock.</summary>
    internal bool IsInFragments(long chunk) => _fragments.Count > 0 && _fragments.ContainsKey(chunk);

    /// <summary>Takes all fragments out and holds their addresses as chunks; under the section's lock.</summary>
    internal void DropFragments(WindowsMemory memory)
    {
        foreach ((long chunk, Fragment[] fragments) in _fragments)
        {
            foreach (Fragment fragment in fragments)
            {
                fragment.Section.Detach(fragment);
            }

            memory.Regroup(Address + chunk * Chunk.Size, LengthsOf(fragments), [Chunk.Size]);
        }

        _fragments.Clear();
    }

    private protected override void ShowPages(long page, long pageCount, Section section, long sectionPage)
    {
        lock (_section.Lock)
        {
            for (long end = page + pageCount; page < end;)
            {
                long next = Math.Min((page / Chunk.Pages + 1) * Chunk.Pages, end);
                ShowInChunk(page, next, (WindowsSection)section, sectionPage);
                sectionPage += next - page;
                page = next;
            }
        }
    }

    /// <summary>Closed pages of a section that is about to go need nothing: it takes its views with it.</summary>
    private protected override void HidePages(long page, long pageCount)
    {
    }

    /// <summary>A chunk's addresses are divided anew as a whole.</summary>
    private protected override (long First, long End) Disturbed(long page, long pageCount) => (
        page / Chunk.Pages * Chunk.Pages,
        (page + pageCount + Chunk.Pages - 1) / Chunk.Pages * Chunk.Pages);

    private static int[] LengthsOf(IEnumerable<Fragment> fragments) => [.. fragments.Select(part => part.Length)];

    private void ShowInChunk(long first, long end, WindowsSection section, long shown)
    {
        long chunk = first / Chunk.Pages;
        bool wasWhole = !_fragments.TryGetValue(chunk, out Fragment[]? before);
        before ??= [new Fragment(this, chunk * Chunk.Pages, Chunk.Pages, _section, chunk * Chunk.Pages)];
        var after = new List<Fragment>();
        after.AddRange(before
            .Where(part => part.Page < first)
            .Select(part => part.Part(part.Page, Math.Min(part.End, first))));
        for (long page = first; page < end;)
        {
            int count = (int)Math.Min(end - page, Chunk.Pages - shown % Chunk.Pages);
            after.Add(new Fragment(this, page, count, section, shown));
            page += count;
            shown += count;
        }

        after.AddRange(before
            .Where(part => part.End > end)
            .Select(part => part.Part(Math.Max(part.Page, end), part.End)));
        if (wasWhole)
        {
            _section.HideChunk(this, chunk);
        }

        Replace(chunk, before, [.. after]);
    }

    private void Replace(long chunk, Fragment[] before, Fragment[] after)
    {
        Fragment[] gone = [.. before.Except(after)];
        Fragment[] come = [.. after.Except(before)];
        foreach (Fragment fragment in gone)
        {
            fragment.Section.Detach(fragment);
        }

        _section.Memory.Regroup(gone[0].Address, LengthsOf(gone), LengthsOf(come));
        _fragments[chunk] = after;
        bool isShown = true;
        foreach (Fragment fragment in come)
        {
            isShown &= fragment.Section.TryAttach(fragment);
        }

        if (!isShown)
        {
            throw new MemoryException("mapping a part of a chunk into a window failed", 0);
        }
    }

    /// <summary>Protects pages some of which are in fragments; what had been changed is put back if it fails.</summary>
    private ProtectResult ProtectInParts(long page, long pageCount, PageAccess access)
    {
        ProtectResult result = ProtectResult.Done;
        long first = page;
        for (long end = page + pageCount; page < end && result == ProtectResult.Done;)
        {
            long next = Math.Min((page / Chunk.Pages + 1) * Chunk.Pages, end);
            if (!_fragments.TryGetValue(page / Chunk.Pages, out Fragment[]? fragments))
            {
                result = ProtectWhole(page, next - page, access);
                page = result == ProtectResult.Done ? next : page;
                continue;
            }

            foreach (Fragment part in fragments)
            {
                long last = Math.Min(part.End, next);
                if (result == ProtectResult.Done && page >= part.Page && page < last)
                {
                    result = ProtectPart(part, page, last - page, access);
                    page = result == ProtectResult.Done ? last : page;
                }
            }
        }

        for (; result != ProtectResult.Done && first < page; first++)
        {
            _ = TryProtectRun(first, 1, Granted(first));            // what is not there refuses
        }

        return result;
    }

    private ProtectResult ProtectPart(Fragment part, long page, long pageCount, PageAccess access)
    {
        lock (part.Section.Lock)
        {
            if (!part.IsShown)
            {
                return access == PageAccess.None ? ProtectResult.Done : ProtectResult.Failed;
            }

            return ResultOf(TryProtectRun(page, pageCount, access));
        }
    }
}

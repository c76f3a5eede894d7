using Runtime.Tool.Output;

namespace Runtime.Tool.Stats;

/// <summary>A row each second, after <c>vmstat</c>: what was done in it, and how memory is at its end.</summary>
internal sealed class StatsRows(ToolConsole console)
{
    private const int RowsBelowHeader = 20;

    private static readonly (string Header, int Width, Func<StatsReport, StatsReport, string> Value)[] s_columns =
    [
        ("second", 6, static (_, now) => Format.Count((long)Math.Round(now.Seconds))),
        ("reads", 10, static (before, now) => Format.Count(now.Reads - before.Reads)),
        ("writes", 10, static (before, now) => Format.Count(now.Writes - before.Writes)),
        ("rfaults", 8, static (before, now) => Format.Count(now.Container.ReadFaults - before.Container.ReadFaults)),
        ("wfaults", 8, static (before, now) => Format.Count(now.Container.WriteFaults - before.Container.WriteFaults)),
        ("upcalls", 8, static (before, now) => Format.Count(now.Container.Upcalls - before.Container.Upcalls)),
        ("ahead", 7, static (before, now) => Format.Count(now.Container.Prefetched - before.Container.Prefetched)),
        ("evicted", 8, static (before, now) => Format.Count(now.Container.Evictions - before.Container.Evictions)),
        ("copied", 7, static (before, now) => Format.Count(now.Container.Copies - before.Container.Copies)),
        ("clean", 8, static (_, now) => Format.Count(now.Pages.Clean)),
        ("dirty", 8, static (_, now) => Format.Count(now.Pages.Dirty)),
        ("unsaved", 8, static (_, now) => Format.Count(now.Pages.Unsaved)),
        ("pinned", 6, static (_, now) => Format.Count(now.Pages.Pinned)),
        ("memory", 10, static (_, now) => Format.Scaled(now.Kernel.MemoryInUse)),
    ];

    private StatsReport? _before;
    private int _rows;

    /// <summary>Writes the row of the second that this report ends.</summary>
    internal void Write(StatsReport now)
    {
        StatsReport before = _before ?? now with
        {
            Reads = 0,
            Writes = 0,
            Container = default,
        };
        if (_rows++ % RowsBelowHeader == 0 || now.Blocks is not null)
        {
            WriteLine(static column => column.Header);
        }

        WriteLine(column => column.Value(before, now));
        _before = now;

        void WriteLine(Func<(string Header, int Width, Func<StatsReport, StatsReport, string> Value), string> cell) =>
            console.Output.WriteLine(string.Join(
                ' ', s_columns.Select(column => cell(column).PadLeft(column.Width))));
    }
}

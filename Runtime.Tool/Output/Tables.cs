using Spectre.Console;

namespace Runtime.Tool.Output;

/// <summary>Tables of one look: the first column is a name, the others sit right, as numbers do.</summary>
internal static class Tables
{
    internal static Table Create(string first, params ReadOnlySpan<string> others)
    {
        var table = new Table { Border = TableBorder.Simple };
        table.AddColumn(new TableColumn(first).NoWrap());
        foreach (string header in others)
        {
            table.AddColumn(new TableColumn(header).RightAligned().NoWrap());
        }

        return table;
    }
}

namespace Runtime.Bench.Snapshots;

/// <summary>One whose pages are written and then brought to the disk.</summary>
internal abstract class DirtySide(string name) : IDisposable
{
    internal string Name { get; } = name;

    internal virtual string? Engine => null;

    /// <summary>Writes eight bytes to each page.</summary>
    internal abstract void Write(long[] pages, long value);

    /// <summary>Returns when what was written survives power loss.</summary>
    internal abstract Saved Save(long[] pages);

    public abstract void Dispose();
}

/// <summary>What saving took.</summary>
/// <param name="CutNs">Until the writers could go on; null where they were never held.</param>
/// <param name="DurableNs">From the beginning.</param>
/// <param name="Bytes">That were written; null where nobody counted.</param>
internal sealed record Saved(double? CutNs, double DurableNs, long? Bytes);

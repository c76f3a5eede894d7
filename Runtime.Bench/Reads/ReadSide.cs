namespace Runtime.Bench.Reads;

/// <summary>One who brings the pages of a file or container to the reader, opened anew for each pass.</summary>
internal abstract class ReadSide(string name, string path) : IDisposable
{
    internal string Name { get; } = name;

    internal virtual string? Way => null;

    internal virtual string? Engine => null;

    /// <summary>The file that its pages come from.</summary>
    internal string Path { get; } = path;

    /// <summary>Opens; nothing of it is in the process's memory then.</summary>
    internal abstract void Open();

    /// <summary>Copies one page to <paramref name="destination"/>.</summary>
    internal abstract void Read(long page, Span<byte> destination);

    /// <summary>Closes; it can be opened again.</summary>
    public abstract void Dispose();
}

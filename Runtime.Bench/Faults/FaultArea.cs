namespace Runtime.Bench.Faults;

/// <summary>A window whose pages are all resident, and whose faults a handler in C# answers by opening the page.</summary>
internal sealed unsafe class FaultArea : IDisposable
{
    internal FaultArea(string name, int pages) =>
        throw new NotImplementedException($"{name}: {pages} pages await the trap library");

    /// <summary>The window's first byte.</summary>
    internal byte* Base => throw new NotImplementedException();

    /// <summary>Closes every page; they stay resident.</summary>
    internal void Close() => throw new NotImplementedException();

    /// <inheritdoc/>
    public void Dispose() => throw new NotImplementedException();
}

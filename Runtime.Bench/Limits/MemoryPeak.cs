namespace Runtime.Bench.Limits;

/// <summary>
/// Watches by how much the memory of this process grows, on a thread of its own, until it is disposed.
/// </summary>
internal sealed class MemoryPeak : IDisposable
{
    private const int IntervalMs = 10;

    private readonly ProcessMemory _before;
    private readonly ManualResetEventSlim _end = new();
    private readonly Thread _thread;

    internal MemoryPeak()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        _before = ProcessMemory.Now();
        _thread = new Thread(Watch) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>Sections at most, once it is disposed.</summary>
    internal long Bytes { get; private set; }

    /// <summary>The same and native memory.</summary>
    internal long BytesWithNative { get; private set; }

    /// <summary>All of that and the managed heap.</summary>
    internal long BytesWithHeap { get; private set; }

    /// <summary>Mapped files.</summary>
    internal long BytesOfFiles { get; private set; }

    public void Dispose()
    {
        _end.Set();
        _thread.Join();
        _end.Dispose();
    }

    private void Watch()
    {
        do
        {
            ProcessMemory now = ProcessMemory.Now();
            long sections = now.Shared - _before.Shared;
            Bytes = Math.Max(Bytes, sections);
            BytesWithNative = Math.Max(BytesWithNative, sections + Math.Max(0, now.Native - _before.Native));
            BytesWithHeap = Math.Max(
                BytesWithHeap,
                now.Shared + now.Native + now.Heap - _before.Shared - _before.Native - _before.Heap);
            BytesOfFiles = Math.Max(BytesOfFiles, now.Files - _before.Files);
        }
        while (!_end.Wait(IntervalMs));
    }
}

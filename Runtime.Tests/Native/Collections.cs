namespace Runtime.Tests.Native;

/// <summary>
/// Collects garbage until disposed, with a gap between collections: back to back they starve every managed thread,
/// with or without a trap library.
/// </summary>
internal sealed class Collections : IDisposable
{
    private readonly Thread _thread;
    private readonly int _gapMs;
    private volatile bool _ended;
    private volatile int _count;

    internal Collections(int gapMs = 2)
    {
        _gapMs = gapMs;
        _thread = new Thread(Collect) { IsBackground = true };
        _thread.Start();
    }

    internal int Count => _count;

    public void Dispose()
    {
        _ended = true;
        _thread.Join();
    }

    private void Collect()
    {
        while (!_ended)
        {
            GC.Collect(_count % 10 == 0 ? GC.MaxGeneration : 0);
            _count++;
            Thread.Sleep(_gapMs);
        }
    }
}

namespace Runtime.Tests.Native;

/// <summary>Threads that keep the processor's cores busy until disposed.</summary>
internal sealed class Load : IDisposable
{
    private readonly Thread[] _threads;
    private volatile bool _ended;

    internal Load(int threads)
    {
        _threads = [.. Enumerable.Range(0, threads).Select(_ => new Thread(Spin) { IsBackground = true })];
        foreach (Thread thread in _threads)
        {
            thread.Start();
        }
    }

    public void Dispose()
    {
        _ended = true;
        foreach (Thread thread in _threads)
        {
            thread.Join();
        }
    }

    private void Spin()
    {
        while (!_ended)
        {
            Thread.SpinWait(1000);
        }
    }
}

namespace Runtime.Bench.Invocations;

/// <summary>Somebody who has a block of bytes handled elsewhere, and gets one of the same size back.</summary>
internal abstract class InvocationSide : IDisposable
{
    internal abstract string Name { get; }

    /// <summary>How it moves, where a side has several ways.</summary>
    internal virtual string? Way => null;

    /// <summary>Does it so often, on the calling thread.</summary>
    internal abstract void Invoke(int count, byte[] block);

    public abstract void Dispose();
}

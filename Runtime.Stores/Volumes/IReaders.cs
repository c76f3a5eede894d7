namespace Runtime.Stores.Volumes;

/// <summary>The places where those who read a volume beside its writer say which commit they read.</summary>
/// <remarks>
/// A reader claims a place, which says that any commit may be needed; then it reads the superblock, and names it. So
/// whoever looks after a commit became durable sees of every reader of an older one that it is there.
/// </remarks>
internal interface IReaders : IDisposable
{
    /// <summary>Takes a place, until disposed.</summary>
    /// <exception cref="Core.KernelException"><see cref="Core.Status.Busy"/>: all are taken.</exception>
    void Claim();

    /// <summary>Says in the claimed place that no commit before this one is needed any more.</summary>
    void Name(long sequence);

    /// <summary>Who is there.</summary>
    IReadOnlyList<LiveReader> Live();
}

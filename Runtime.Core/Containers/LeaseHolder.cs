namespace Runtime.Core.Containers;

/// <summary>
/// Counts the write leases that a thread or asynchronous flow holds: whoever is waited for must be able to finish.
/// </summary>
internal sealed class LeaseHolder
{
    private static readonly AsyncLocal<LeaseHolder?> s_current = new();

    private int _writeLeases;

    /// <summary>The caller's, to count a lease in.</summary>
    /// <remarks>
    /// Whoever is started inherits its starter's. As long as that one holds a lease it may be waiting for the other;
    /// afterwards they have nothing to do with each other, so whoever begins anew has one of its own.
    /// </remarks>
    internal static LeaseHolder Current =>
        s_current.Value is { HoldsAny: true } holder ? holder : s_current.Value = new LeaseHolder();

    internal static bool CurrentHoldsAny => s_current.Value is { HoldsAny: true };

    /// <summary>Lets the caller go on as somebody else.</summary>
    /// <returns>Who it was.</returns>
    internal static LeaseHolder? Exchange(LeaseHolder? holder)
    {
        LeaseHolder? before = s_current.Value;
        if (before != holder)
        {
            s_current.Value = holder;
        }

        return before;
    }

    internal bool HoldsAny => Volatile.Read(ref _writeLeases) > 0;

    internal void Add() => Interlocked.Increment(ref _writeLeases);

    internal void Remove() => Interlocked.Decrement(ref _writeLeases);
}

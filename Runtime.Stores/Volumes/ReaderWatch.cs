using Runtime.Core;

namespace Runtime.Stores.Volumes;

/// <summary>
/// Which commits somebody reads, in this process or another, so that what they need is not written anew.
/// </summary>
/// <remarks>
/// Thread safe but for <see cref="Look"/>, which the commit lock guards. A reader in this process is a pin. A
/// <em>stranger</em> is a reader that was there when the volume was opened for writing, of another commit than the one
/// that it was opened with: nobody knows which of the blocks that were free then it needs.
/// </remarks>
internal sealed class ReaderWatch
{
    private readonly IReaders? _readers;
    private readonly HashSet<LiveReader> _strangers = [];
    private readonly Lock _lock = new();                            // guards the pins
    private readonly Dictionary<long, int> _pins = [];

    /// <param name="readers">Those of other processes; null where there can be none.</param>
    /// <param name="openedAt">The commit that the volume was opened with for writing; null for reading.</param>
    public ReaderWatch(IReaders? readers, long? openedAt)
    {
        _readers = readers;
        if (openedAt is { } commit)
        {
            _strangers = [.. (readers?.Live() ?? []).Where(reader => reader.Sequence != commit)];
        }
    }

    /// <summary>Whether a stranger was there when <see cref="Look"/> looked last.</summary>
    public bool HasStrangers => _strangers.Count > 0;

    /// <summary>While it is pinned, nothing of a commit that is the newest now or later is written anew.</summary>
    /// <returns>What to <see cref="Unpin"/>.</returns>
    public long Pin(Func<long> newest)
    {
        lock (_lock)
        {
            // The catalogue in memory is brought up to date a moment after the commit.
            long commit = newest() - 1;
            _pins[commit] = _pins.GetValueOrDefault(commit) + 1;
            return commit;
        }
    }

    public void Unpin(long commit)
    {
        lock (_lock)
        {
            if (--_pins[commit] == 0)
            {
                _pins.Remove(commit);
            }
        }
    }

    /// <summary>The commits that are read now; called when a commit has become durable.</summary>
    public IReadOnlyCollection<long> Look()
    {
        IReadOnlyList<LiveReader> live = Live();
        _strangers.IntersectWith(live);
        lock (_lock)
        {
            return
            [
                .. _pins.Keys,
                .. live.Select(reader => _strangers.Contains(reader) ? LiveReader.AnyCommit : reader.Sequence),
            ];
        }
    }

    /// <summary>The commit has happened: whoever cannot be looked for is taken to be there.</summary>
    private IReadOnlyList<LiveReader> Live()
    {
        try
        {
            return _readers?.Live() ?? [];
        }
        catch (VolumeException)
        {
            return [.. _strangers, new LiveReader(Slot: -1, LiveReader.AnyCommit)];
        }
    }
}

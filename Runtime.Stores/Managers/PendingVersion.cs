using Runtime.Core;
using Runtime.Core.Managers;
using Runtime.Core.Snapshots;
using Runtime.Stores.Volumes;

namespace Runtime.Stores.Managers;

/// <summary>A closed interval: some of its pages are on the volume, the others the kernel still holds.</summary>
/// <remarks>Thread safe.</remarks>
internal sealed class PendingVersion(VersionDraft draft, VolatileSnapshot memory, SnapshotInfo info)
{
    private readonly Lock _lock = new();                            // guards the fields below
    private VersionMap? _map;
    private int _readers;

    public VersionDraft Draft => draft;

    public StateInterval Interval => info.Interval;

    public SnapshotInfo Info => info;

    /// <summary>Reads a page if the interval has written it, or was saved meanwhile.</summary>
    /// <returns>False if what is below decides.</returns>
    /// <remarks>Memory comes first: a page is let go there only after it was written to the draft.</remarks>
    public bool TryRead(PageNumber page, Span<byte> destination) =>
        memory.TryRead(page, destination) || draft.TryReadOwn(page, destination);

    public void AddReader()
    {
        lock (_lock)
        {
            _readers++;
        }
    }

    public void RemoveReader()
    {
        lock (_lock)
        {
            if (--_readers == 0)
            {
                _map?.Dispose();
            }
        }
    }

    /// <summary>It is saved; the version is held open for as long as it has readers.</summary>
    public void Complete(VersionMap map)
    {
        lock (_lock)
        {
            _map = map;
            if (_readers == 0)
            {
                map.Dispose();
            }
        }
    }
}

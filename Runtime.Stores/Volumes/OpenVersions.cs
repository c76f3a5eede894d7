using Runtime.Core;

namespace Runtime.Stores.Volumes;

/// <summary>Which versions are open for reading, and which drafts are under way: what they need must not go.</summary>
/// <remarks>Thread safe.</remarks>
internal sealed class OpenVersions
{
    private readonly Lock _lock = new();                            // guards the fields below
    private readonly Dictionary<VersionId, int> _readers = [];
    private readonly Dictionary<ulong, List<VersionDraft>> _drafts = [];
    private readonly HashSet<VersionId> _going = [];
    private readonly HashSet<ulong> _goingContainers = [];

    /// <returns>False if it is being discarded.</returns>
    public bool TryOpen(VersionId version)
    {
        lock (_lock)
        {
            if (_going.Contains(version) || _goingContainers.Contains(version.Container))
            {
                return false;
            }

            _readers[version] = _readers.GetValueOrDefault(version) + 1;
            return true;
        }
    }

    public void Close(VersionId version)
    {
        lock (_lock)
        {
            if (_readers.GetValueOrDefault(version) > 1)
            {
                _readers[version]--;
            }
            else
            {
                _readers.Remove(version);
            }
        }
    }

    /// <summary>Lets versions go, which from now on nobody can open.</summary>
    /// <returns>The first that is open; null if they may all go, until <see cref="EndDiscard"/>.</returns>
    public VersionId? BeginDiscard(IReadOnlyCollection<VersionId> versions)
    {
        lock (_lock)
        {
            foreach (VersionId version in versions)
            {
                if (_readers.ContainsKey(version))
                {
                    return version;
                }
            }

            _going.UnionWith(versions);
            return null;
        }
    }

    public void EndDiscard(IReadOnlyCollection<VersionId> versions)
    {
        lock (_lock)
        {
            _going.ExceptWith(versions);
        }
    }

    /// <summary>Lets a container go, of which from now on nothing can be opened.</summary>
    /// <returns>Whether it may, until <see cref="EndDelete"/>; not while anything of it is open.</returns>
    public bool TryBeginDelete(ulong container)
    {
        lock (_lock)
        {
            return !_drafts.ContainsKey(container)
                && _readers.Keys.All(version => version.Container != container)
                && _goingContainers.Add(container);
        }
    }

    public void EndDelete(ulong container)
    {
        lock (_lock)
        {
            _goingContainers.Remove(container);
        }
    }

    public bool HasDrafts(ulong container)
    {
        lock (_lock)
        {
            return _drafts.ContainsKey(container);
        }
    }

    /// <summary>The highest interval of a container's drafts; 0 for none.</summary>
    public ulong HighestInterval(ulong container)
    {
        lock (_lock)
        {
            return _drafts.GetValueOrDefault(container) is { Count: > 0 } drafts
                ? drafts.Max(draft => draft.Interval.Value)
                : 0;
        }
    }

    /// <param name="draft">Of a container that is not going.</param>
    /// <param name="isFirst">Whether there may be no other draft of it.</param>
    /// <exception cref="KernelException"><see cref="Status.Busy"/> if there is another one.</exception>
    public void Add(VersionDraft draft, bool isFirst)
    {
        lock (_lock)
        {
            if (_goingContainers.Contains(draft.ContainerId))
            {
                throw new KernelException(Status.ContainerGone, "the container is being deleted");
            }

            if (!_drafts.TryGetValue(draft.ContainerId, out List<VersionDraft>? drafts))
            {
                _drafts.Add(draft.ContainerId, drafts = []);
            }

            if (isFirst && drafts.Count > 0)
            {
                throw new KernelException(
                    Status.Busy, $"interval {drafts[0].Interval} of the container is in the making");
            }

            drafts.Add(draft);
        }
    }

    public void Remove(VersionDraft draft)
    {
        lock (_lock)
        {
            if (_drafts.TryGetValue(draft.ContainerId, out List<VersionDraft>? drafts) && drafts.Remove(draft)
                && drafts.Count == 0)
            {
                _drafts.Remove(draft.ContainerId);
            }
        }
    }
}

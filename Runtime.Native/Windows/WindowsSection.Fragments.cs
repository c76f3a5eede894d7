namespace Runtime.Native.Windows;

/// <content>Parts of its chunks as views of their own, in windows that show other pages beside them.</content>
internal sealed unsafe partial class WindowsSection
{
    // By chunk, in its own windows and in those of other sections; guarded by Lock.
    private readonly Dictionary<long, List<Fragment>> _fragments = [];

    /// <summary>Takes a chunk out of a window that is to show it in fragments from now on.</summary>
    internal void HideChunk(WindowsWindow window, long number)
    {
        lock (Lock)
        {
            if (_chunks.Find(number) is not null && _windows.Contains(window))
            {
                _memory.Unmap(window.Address + number * Chunk.Size);
            }
        }
    }

    /// <summary>Shows a part of a chunk, closed, now or when the chunk comes.</summary>
    /// <returns>False if the system refuses to map it; it is attached all the same.</returns>
    internal bool TryAttach(Fragment fragment)
    {
        lock (Lock)
        {
            if (!_isOpen)
            {
                return true;
            }

            if (!_fragments.TryGetValue(fragment.Chunk, out List<Fragment>? attached))
            {
                _fragments.Add(fragment.Chunk, attached = []);
            }

            attached.Add(fragment);
            Chunk* chunk = _chunks.Find(fragment.Chunk);
            if (chunk is null)
            {
                return true;
            }

            if (fragment.TryMap(_memory, chunk->Handle) && fragment.TryCommitClosed(_memory))
            {
                return true;
            }

            fragment.Unmap(_memory);
            return false;
        }
    }

    /// <summary>Takes a part of a chunk out of its window.</summary>
    internal void Detach(Fragment fragment)
    {
        lock (Lock)
        {
            if (_fragments.TryGetValue(fragment.Chunk, out List<Fragment>? attached) && attached.Remove(fragment)
                && attached.Count == 0)
            {
                _fragments.Remove(fragment.Chunk);
            }

            fragment.Unmap(_memory);
        }
    }

    private List<Fragment>? FragmentsOf(long number) =>
        _fragments.Count == 0 ? null : _fragments.GetValueOrDefault(number);

    private bool TryMap(nint handle, List<Fragment>? fragments)
    {
        for (int i = 0; fragments is not null && i < fragments.Count; i++)
        {
            if (!fragments[i].TryMap(_memory, handle))
            {
                return false;
            }
        }

        return true;
    }

    private bool TryCommitClosed(List<Fragment>? fragments)
    {
        for (int i = 0; fragments is not null && i < fragments.Count; i++)
        {
            if (!fragments[i].TryCommitClosed(_memory))
            {
                return false;
            }
        }

        return true;
    }

    private void Unmap(List<Fragment>? fragments)
    {
        for (int i = 0; fragments is not null && i < fragments.Count; i++)
        {
            fragments[i].Unmap(_memory);
        }
    }
}

using Runtime.Core.Memory;

namespace Runtime.Core.Containers;

/// <content>A picture of its pages.</content>
public sealed partial class Container
{
    /// <summary>
    /// Counts the states of its pages, block by block, without stopping anybody: each page is as it was at some moment
    /// of the call. Its time grows with what was touched, not with the length.
    /// </summary>
    /// <param name="pagesPerBlock">At least 1; the last block may have fewer.</param>
    /// <returns>One for each block, from the container's begin to its end.</returns>
    /// <exception cref="ObjectDisposedException">The container was closed.</exception>
    public IReadOnlyList<PageStates> CountPages(long pagesPerBlock)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pagesPerBlock, 1);
        ObjectDisposedException.ThrowIf(!_memory.TryEnter(), this);
        try
        {
            return PageCensus.Take(_memory.Table, PageNumber.CountFor(_memory.Length), pagesPerBlock);
        }
        finally
        {
            _memory.Leave();
        }
    }
}

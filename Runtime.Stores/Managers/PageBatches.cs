using System.Collections.Concurrent;

namespace Runtime.Stores.Managers;

/// <summary>
/// Lends a batch to each thread that saves, so that saving allocates nothing once they have their size.
/// </summary>
/// <remarks>Thread safe. One that is not returned, since writing it failed, is the collector's.</remarks>
internal sealed class PageBatches
{
    private readonly ConcurrentBag<PageBatch> _idle = [];

    public PageBatch Rent() => _idle.TryTake(out PageBatch? batch) ? batch : new PageBatch();

    public void Return(PageBatch batch) => _idle.Add(batch);
}

namespace Runtime.Stores.Volumes;

/// <summary>
/// Makes one commit of those that come while another is under way: whoever finds nobody at work commits for all who
/// wait, so that many threads share the two flushes of a commit.
/// </summary>
/// <remarks>
/// Thread safe. The idea is group commit: D. DeWitt et al., "Implementation Techniques for Main Memory Database
/// Systems", SIGMOD 1984.
/// </remarks>
internal sealed class CommitGroup
{
    private readonly object _lock = new();                          // guards the fields below; also waited on
    private List<CommitRequest> _waiting = [];
    private bool _isLed;

    /// <summary>Returns when the request has ended, one way or the other.</summary>
    /// <param name="request">What is wanted.</param>
    /// <param name="commit">
    /// Called with a function that takes all who wait by then, at least this one; ends each of them.
    /// </param>
    public void Run(CommitRequest request, Action<Func<IReadOnlyList<CommitRequest>>> commit)
    {
        lock (_lock)
        {
            _waiting.Add(request);
            while (_isLed && !request.HasEnded)
            {
                Monitor.Wait(_lock);
            }

            if (request.HasEnded)
            {
                return;
            }

            _isLed = true;
        }

        try
        {
            commit(Take);
        }
        finally
        {
            lock (_lock)
            {
                _waiting.Remove(request);                           // if it was not even begun
                _isLed = false;
                Monitor.PulseAll(_lock);
            }
        }
    }

    private List<CommitRequest> Take()
    {
        lock (_lock)
        {
            List<CommitRequest> taken = _waiting;
            _waiting = [];
            return taken;
        }
    }
}

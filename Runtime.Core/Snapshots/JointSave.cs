namespace Runtime.Core.Snapshots;

/// <summary>The snapshots of one cut that one manager makes durable in one commit, or none of them.</summary>
/// <remarks>
/// Thread safe. No thread waits here for another: whoever finds that members are missing leaves its own, and the one
/// who brings the last commits them all; so few threads are enough for many members. Since cuts hold their containers
/// while they queue what they made, no two joint saves wait for each other in a ring.
/// </remarks>
internal sealed class JointSave(IReadOnlyList<PendingSnapshot> members)
{
    private readonly Lock _lock = new();                            // guards the fields below
    private readonly List<PendingSnapshot> _ready = [];
    private KernelException? _failure;

    internal IReadOnlyList<PendingSnapshot> Members => members;

    /// <summary>Why nothing comes of it; null as long as something may.</summary>
    internal KernelException? Failure
    {
        get
        {
            lock (_lock)
            {
                return _failure;
            }
        }
    }

    /// <summary>The manager has all pages of a member.</summary>
    /// <param name="member">Which.</param>
    /// <param name="isLast">Whether all are ready: then the caller commits them, and ends each.</param>
    /// <returns>False if the others have failed meanwhile.</returns>
    internal bool TryArrive(PendingSnapshot member, out bool isLast)
    {
        lock (_lock)
        {
            isLast = false;
            if (_failure is not null)
            {
                return false;
            }

            _ready.Add(member);
            isLast = _ready.Count == members.Count;
            return true;
        }
    }

    /// <summary>Nothing comes of it.</summary>
    /// <param name="reason">Why; the first reason stays.</param>
    /// <returns>The members that were left ready: the caller ends them. The others end when their turn comes.</returns>
    internal IReadOnlyList<PendingSnapshot> Fail(KernelException reason)
    {
        lock (_lock)
        {
            _failure ??= reason;
            PendingSnapshot[] left = [.. _ready];
            _ready.Clear();
            return left;
        }
    }
}

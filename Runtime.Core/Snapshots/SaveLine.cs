using System.Diagnostics.CodeAnalysis;

namespace Runtime.Core.Snapshots;

/// <summary>The snapshots of one container that are to be saved, in the order of their cuts.</summary>
/// <remarks>Guarded by the <see cref="SaveQueue"/>.</remarks>
internal sealed class SaveLine
{
    internal Queue<PendingSnapshot> Waiting { get; } = [];

    /// <summary>What is being saved: the next has to wait until it is built on something. Null for nothing.</summary>
    internal PendingSnapshot? Saving { get; private set; }

    /// <summary>Who saves it.</summary>
    internal Thread? Saver { get; private set; }

    /// <summary>Whether it is among those that a thread may take up.</summary>
    internal bool IsListed { get; set; }

    /// <summary>When a thread of the queue should, by <see cref="System.Diagnostics.Stopwatch"/>.</summary>
    internal long Due { get; set; }

    internal bool TryTake([NotNullWhen(true)] out PendingSnapshot? next)
    {
        next = null;
        if (Saving is not null || !Waiting.TryDequeue(out next))
        {
            return false;
        }

        (Saving, Saver) = (next, Thread.CurrentThread);
        return true;
    }

    internal void Release() => (Saving, Saver) = (null, null);
}

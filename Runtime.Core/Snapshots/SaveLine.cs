namespace Runtime.Core.Snapshots;

/// <summary>The snapshots of one container that are to be saved, in the order of their cuts.</summary>
/// <remarks>Guarded by the <see cref="SaveQueue"/>.</remarks>
internal sealed class SaveLine
{
    internal Queue<PendingSnapshot> Waiting { get; } = [];

    /// <summary>Whether somebody is saving one: the next has to wait until it is built on something.</summary>
    internal bool IsSaving { get; set; }

    /// <summary>Whether it is among those that a thread may take up.</summary>
    internal bool IsListed { get; set; }

    /// <summary>When a thread of the queue should, by <see cref="System.Diagnostics.Stopwatch"/>.</summary>
    internal long Due { get; set; }
}

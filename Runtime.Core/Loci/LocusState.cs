namespace Runtime.Core.Loci;

/// <summary>Whether a locus executes.</summary>
public enum LocusState
{
    /// <summary>It rests until it is resumed; one that was suspended inside a step finishes that step first.</summary>
    Suspended,

    /// <summary>It executes as soon as a thread is free for it.</summary>
    Ready,

    /// <summary>A thread executes it.</summary>
    Running,

    /// <summary>It returned from its last invocation, failed, or was destroyed.</summary>
    Ended,
}

namespace Runtime.Core.Loci;

/// <summary>What others want of a locus; its thread looks at every boundary.</summary>
[Flags]
internal enum LocusRequests
{
    None = 0,

    /// <summary>Rest.</summary>
    Suspend = 1,

    /// <summary>Rest, whatever anybody resumes: the kernel is about to end.</summary>
    Pause = 8,

    /// <summary>End: it was destroyed.</summary>
    End = 2,

    /// <summary>Leave: the container where it executes is gone.</summary>
    Return = 4,
}

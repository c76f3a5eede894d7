namespace Runtime.Stores.Volumes;

/// <summary>Where a draft is on its way to a version.</summary>
internal enum DraftPhase
{
    /// <summary>Pages are written.</summary>
    Open,

    /// <summary>A commit is under way; if it fails, the draft is open again.</summary>
    Sealed,

    /// <summary>It is a version.</summary>
    Committed,

    /// <summary>The draft on top has taken its pages.</summary>
    Adopted,

    /// <summary>It was disposed, but a draft on top may still need its pages.</summary>
    GivenUp,
}

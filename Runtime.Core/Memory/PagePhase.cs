namespace Runtime.Core.Memory;

/// <summary>Where a page is in its life (docs/design.md, "The life of a page").</summary>
internal enum PagePhase
{
    /// <summary>No memory; every window is closed to it.</summary>
    Absent = 0,

    /// <summary>Claimed: its memory is being filled and nobody else sees it.</summary>
    Filling = 1,

    /// <summary>In memory, claimed by nobody.</summary>
    Present = 2,

    /// <summary>Claimed: what the window grants on it is being changed.</summary>
    Granting = 3,

    /// <summary>Claimed: its content is being looked at or saved, and nobody may write it.</summary>
    Saving = 4,

    /// <summary>Claimed: it is to leave memory.</summary>
    Evicting = 5,
}

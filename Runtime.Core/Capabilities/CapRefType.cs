namespace Runtime.Core.Capabilities;

/// <summary>Which table a <see cref="CapRef"/> looks into.</summary>
public enum CapRefType
{
    /// <summary>The calling locus's own table; for a thread of the host program, the host table.</summary>
    Locus = 0,

    /// <summary>The table of the container in which the calling locus executes.</summary>
    Container = 1,
}

namespace Runtime.Core.Capabilities;

/// <summary>What a capability can be for.</summary>
public enum EntityType
{
    /// <summary>A container.</summary>
    Container = 0,

    /// <summary>A locus.</summary>
    Locus = 1,

    /// <summary>A disk; not kept beyond the process.</summary>
    Disk = 2,
}

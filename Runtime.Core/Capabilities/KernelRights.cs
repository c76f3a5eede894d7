namespace Runtime.Core.Capabilities;

/// <summary>What the kernel lets the holder of a capability do (docs/semantics.md, "Capabilities").</summary>
/// <remarks>The numbers stand in the kernel's log.</remarks>
[Flags]
public enum KernelRights : uint
{
    /// <summary>Nothing but naming the entity.</summary>
    None = 0,

    /// <summary>To read a container's data through a mapping.</summary>
    Read = 1 << 0,

    /// <summary>To write a container's data through a mapping.</summary>
    Write = 1 << 1,

    /// <summary>To map other containers into a container.</summary>
    Map = 1 << 2,

    /// <summary>To invoke a container.</summary>
    Invoke = 1 << 3,

    /// <summary>To set and remove a container's invocation point.</summary>
    SetInvoke = 1 << 4,

    /// <summary>To give a container a manager.</summary>
    SetManager = 1 << 5,

    /// <summary>To request snapshots and to restore them.</summary>
    Snapshot = 1 << 6,

    /// <summary>To suspend and resume a locus.</summary>
    Suspend = 1 << 7,

    /// <summary>To destroy the entity, or the capability's permission group.</summary>
    Destroy = 1 << 8,

    /// <summary>To derive capabilities with fewer rights.</summary>
    Derive = 1 << 9,

    /// <summary>Every right there is.</summary>
    All = Read | Write | Map | Invoke | SetInvoke | SetManager | Snapshot | Suspend | Destroy | Derive,
}

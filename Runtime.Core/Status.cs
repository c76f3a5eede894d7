namespace Runtime.Core;

/// <summary>The outcome of a kernel call (docs/semantics.md, "Status").</summary>
/// <remarks>
/// The numbers cross the trap library and are stored nowhere else; 0 is the only success a fault knows.
/// </remarks>
public enum Status
{
    /// <summary>The call did what it says.</summary>
    Success = 0,

    /// <summary>The call was taken on; its completion is reported separately.</summary>
    Accepted = 1,

    /// <summary>The CapRef is malformed or names an empty slot.</summary>
    InvalidCapRef = 2,

    /// <summary>The capability is for an entity of another type.</summary>
    WrongEntityType = 3,

    /// <summary>The capability's permission group, or the window, lacks the right.</summary>
    PermissionDenied = 4,

    /// <summary>The container has no invocation point.</summary>
    NoInvocationPoint = 5,

    /// <summary>The container has no manager.</summary>
    NoManager = 6,

    /// <summary>The container was closed or destroyed.</summary>
    ContainerGone = 7,

    /// <summary>The argument block exceeds the limit.</summary>
    ArgBlockTooLarge = 8,

    /// <summary>The invocation stack is at its limit.</summary>
    NestingExhausted = 9,

    /// <summary>The offset lies at or beyond the end of the block.</summary>
    OffsetBeyondBlock = 10,

    /// <summary>The range reaches beyond the end of the block.</summary>
    RangeBeyondBlock = 11,

    /// <summary>The offset or range lies outside the container.</summary>
    OutOfRange = 12,

    /// <summary>A resource is used up: memory, mappings, address space, disk blocks.</summary>
    NoResources = 13,

    /// <summary>An offset or length is not a multiple of the required unit.</summary>
    NotAligned = 14,

    /// <summary>The range overlaps an existing one.</summary>
    Overlap = 15,

    /// <summary>The mapping would close a cycle.</summary>
    Cycle = 16,

    /// <summary>No such state interval is kept.</summary>
    NoSuchInterval = 17,

    /// <summary>The state interval is pinned by the recovery line.</summary>
    IntervalPinned = 18,

    /// <summary>The manager failed to do what it was asked.</summary>
    ManagerFailed = 19,

    /// <summary>The fault would wait for an upcall that is waiting for it.</summary>
    ManagerRecursion = 20,

    /// <summary>The container's manager is gone.</summary>
    ManagerGone = 21,

    /// <summary>The container already has a manager.</summary>
    AlreadyManaged = 22,

    /// <summary>The value was set before and cannot be set again.</summary>
    AlreadySet = 23,

    /// <summary>The page is already installed.</summary>
    AlreadyInstalled = 24,

    /// <summary>The token is in use.</summary>
    TokenInUse = 25,

    /// <summary>The caller does not manage this container.</summary>
    NotYourContainer = 26,

    /// <summary>The caller holds no frame credit.</summary>
    NotYourFrame = 27,

    /// <summary>No manager, entry or step is registered under the name.</summary>
    NotRegistered = 28,

    /// <summary>The locus is not at a step boundary.</summary>
    NotAtBoundary = 29,

    /// <summary>The entity is in use in a way that excludes the call.</summary>
    Busy = 30,

    /// <summary>Leases were still held when the limit passed.</summary>
    LeasesOutstanding = 31,

    /// <summary>The content did not outlive its process.</summary>
    Lost = 32,

    /// <summary>The state interval was undone by a rollback.</summary>
    RolledBack = 33,

    /// <summary>The deadline passed.</summary>
    DeadlineExceeded = 34,

    /// <summary>The disk reported an error, or returned bytes whose checksum is wrong.</summary>
    IoError = 35,

    /// <summary>The call is not supported.</summary>
    NotSupported = 36,

    /// <summary>The invoked code ended in an exception, and its invocation with it.</summary>
    EntryFailed = 37,

    /// <summary>What was stored came back, and is not what was stored.</summary>
    Damaged = 38,
}

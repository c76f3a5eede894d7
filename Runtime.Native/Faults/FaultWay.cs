namespace Runtime.Native;

/// <summary>
/// Who touched the page, which decides how the fault is served (docs/design.md, "The ways of a fault").
/// </summary>
public enum FaultWay
{
    /// <summary>One of the <see cref="Accessors"/>: served on the faulting thread.</summary>
    Accessor = 0,

    /// <summary>Native code in a <see cref="Trap.NativeSection"/>: served on the faulting thread.</summary>
    NativeSection = 1,

    /// <summary>
    /// Managed code on a raw pointer: posted to a pager thread and retried; rescued from a tie with the runtime.
    /// </summary>
    Managed = 2,

    /// <summary>Native code without the mark: posted and retried until answered or out of time.</summary>
    UnmarkedNative = 3,
}

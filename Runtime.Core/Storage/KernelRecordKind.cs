namespace Runtime.Core.Storage;

/// <summary>The kinds of records in the kernel's log; the numbers stand there.</summary>
internal enum KernelRecordKind : byte
{
    /// <summary>A container's state at the cut of an interval.</summary>
    Container = 1,

    /// <summary>A container was destroyed.</summary>
    Drop = 2,

    /// <summary>Numbers below the one in the payload were or may have been issued.</summary>
    Numbers = 3,

    /// <summary>The root page of a self-managing manager's container, as it was at the end of an interval.</summary>
    RootPage = 4,

    /// <summary>A container's newest stable interval, of which its volume does not know.</summary>
    Line = 5,
}

namespace Runtime.Native;

/// <summary>What a window allows on a page; the protection is the grant.</summary>
public enum PageAccess
{
    /// <summary>Nothing: the next touch faults.</summary>
    None = 0,

    /// <summary>Reading.</summary>
    Read = 1,

    /// <summary>Reading and writing.</summary>
    ReadWrite = 2,
}

namespace Runtime.Native;

/// <summary>What a faulting instruction attempted.</summary>
public enum FaultAccess
{
    /// <summary>Reading.</summary>
    Read = 0,

    /// <summary>Writing.</summary>
    Write = 1,

    /// <summary>Executing.</summary>
    Execute = 2,
}

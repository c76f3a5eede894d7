namespace Runtime.Tests.Core.Loci;

/// <summary>The states in which a locus can be found.</summary>
public enum LocusSituation
{
    /// <summary>Created suspended.</summary>
    NeverRan,

    /// <summary>Suspended between two steps.</summary>
    Resting,

    /// <summary>Ready, but no thread is free.</summary>
    Ready,

    /// <summary>Inside a step.</summary>
    InStep,

    /// <summary>Inside a step, and suspended.</summary>
    InStepSuspended,

    /// <summary>Making step after step.</summary>
    Stepping,

    /// <summary>Inside a method.</summary>
    InMethod,

    /// <summary>Suspended inside a method, where it called the kernel.</summary>
    RestingInMethod,

    /// <summary>In a nested invocation, from a method, suspended between two steps of the callee.</summary>
    RestingInCallee,

    /// <summary>In a nested invocation, from a method, inside a step of the callee.</summary>
    InStepOfCallee,

    /// <summary>In a nested invocation, from a method, inside a method of the callee.</summary>
    InMethodOfCallee,

    /// <summary>Ready, but all threads for methods are in use.</summary>
    WaitingForMethod,
}

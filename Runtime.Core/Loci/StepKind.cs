namespace Runtime.Core.Loci;

/// <summary>The ways on from a step.</summary>
internal enum StepKind
{
    /// <summary>Back to the container that invoked.</summary>
    Return,

    /// <summary>The same code again, or, after <c>KmoInvoke</c> and <c>KmoReturn</c>, what they asked for.</summary>
    Continue,

    /// <summary>Into another container, and back.</summary>
    Invoke,

    /// <summary>Into another container, not back.</summary>
    Jump,

    /// <summary>A snapshot between this step and the next.</summary>
    Snapshot,
}

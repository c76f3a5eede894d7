namespace Runtime.Tests.Core.Loci;

/// <summary>How code asks to be moved: in which style it is written, and on which surface it asks.</summary>
public enum InvocationWay
{
    /// <summary>Direct style, by <c>KmoInvoke</c> and <c>KmoReturn</c>.</summary>
    DirectCall,

    /// <summary>Direct style, by the methods of its context.</summary>
    DirectMethod,

    /// <summary>Step style, by <c>KmoInvoke</c> and <c>KmoReturn</c>.</summary>
    StepCall,

    /// <summary>Step style, by the ways on of its context.</summary>
    StepWay,
}

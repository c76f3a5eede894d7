using System.Runtime.InteropServices;

namespace Runtime.Native;

/// <summary>What the trap library has counted since the process began: <c>struct kt_statistics</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct TrapStatistics
{
    /// <summary>Faults by accessors.</summary>
    public readonly long AccessorFaults { get; }

    /// <summary>Faults by native code in native sections.</summary>
    public readonly long NativeSectionFaults { get; }

    /// <summary>Faults by managed code on raw pointers; a retry of one is not counted again.</summary>
    public readonly long ManagedFaults { get; }

    /// <summary>Faults by native code outside of native sections; a retry of one is not counted again.</summary>
    public readonly long UnmarkedNativeFaults { get; }

    /// <summary>Faults by accessors that ended with a status.</summary>
    public readonly long AccessorFailures { get; }

    /// <summary>Faults in native sections that ended with a status.</summary>
    public readonly long NativeSectionFailures { get; }

    /// <summary>Faults by managed code that ended with a status.</summary>
    public readonly long ManagedFailures { get; }

    /// <summary>Faults by unmarked native code that ended with a status.</summary>
    public readonly long UnmarkedNativeFailures { get; }

    /// <summary>Slices of waiting after which the answer was not there and the instruction ran again.</summary>
    public readonly long Retries { get; }

    /// <summary>
    /// Faults presented as null references because a suspension of the runtime waited for their thread.
    /// </summary>
    public readonly long Rescues { get; }

    /// <summary>Faults of the same-thread ways served by a pager thread for want of stack.</summary>
    public readonly long HandedOver { get; }

    /// <summary>Waits for a free hand-off slot.</summary>
    public readonly long Overflows { get; }

    /// <summary>Faults outside of all windows, left to the previous handler.</summary>
    public readonly long ForeignFaults { get; }
}

namespace Runtime.Core.Tracing;

/// <summary>Who calls whom.</summary>
public enum CallDirection
{
    /// <summary>An upcall: the kernel asks a manager for something, or tells it.</summary>
    KernelToManager = 0,

    /// <summary>A manager calls its kernel.</summary>
    ManagerToKernel = 1,

    /// <summary>A locus, or the program around the kernel, makes a system call that leads to upcalls.</summary>
    CallerToKernel = 2,
}

using Runtime.Core.Memory;
using Runtime.Native;

namespace Runtime.Core.Faults;

/// <summary>
/// Where a hardware fault enters the kernel: from the window that was touched to the container's memory.
/// </summary>
internal sealed class FaultRouter(ContainerMemory memory) : IFaultHandler
{
    [ThreadStatic]
    private static Exception? s_failure;

    /// <summary>The one whose faults come here; set before there can be any.</summary>
    internal Window Window { get; set; } = null!;

    /// <summary>Takes what a manager threw when the calling thread's last fault failed.</summary>
    internal static Exception? TakeFailure()
    {
        Exception? failure = s_failure;
        s_failure = null;
        return failure;
    }

    public int OnFault(ref readonly Fault fault)
    {
        var access = (Access)fault.Access;
        Status refusal = Check(fault.Offset, access);
        if (refusal != Status.Success)
        {
            return (int)refusal;
        }

        if (!memory.TryEnter())
        {
            return (int)Status.ContainerGone;
        }

        ref ulong serving = ref fault.Serving;
        ulong before = serving;
        FaultContext context =
            FaultContext.Enter(memory, (ulong)fault.Offset, access, fault.Parent, memory.DeadlineMs);
        context.Window = Window;
        serving = (ulong)context.Number;
        try
        {
            memory.CountFault(fault.Access);
            return (int)ServeOrNote(context);
        }
        finally
        {
            serving = before;
            context.Exit();
            memory.Leave();
        }
    }

    public bool TryWithdraw(long page)
    {
        if (!memory.TryEnter())
        {
            return true;                                            // closed, and the mapping with it
        }

        try
        {
            return memory.TryWithdraw(Window, page);
        }
        finally
        {
            memory.Leave();
        }
    }

    /// <summary>
    /// Serves a fault; an exception of the manager becomes its status and is kept for who asks the same thread.
    /// </summary>
    internal static Status ServeOrNote(FaultContext context)
    {
        s_failure = null;
        if (FaultChains.IsServing(context.Parent, context.Memory))
        {
            return Status.ManagerRecursion;
        }

        try
        {
            return context.Memory.Serve(context);
        }
        catch (KernelException failure) when (failure.Status != Status.Success)
        {
            s_failure = failure;
            return failure.Status;
        }
        catch (OutOfMemoryException failure)
        {
            s_failure = failure;
            return Status.NoResources;
        }
#pragma warning disable CA1031 // A manager is somebody else's code; whatever it throws, the fault must be answered.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            s_failure = failure;
            return Status.ManagerFailed;
        }
    }

    private Status Check(long offset, Access access)
    {
        if (access == Access.Execute)
        {
            return Status.NotSupported;
        }

        if (offset >= PageNumber.CountFor(memory.Length) * PageNumber.Size)
        {
            return Status.OutOfRange;
        }

        return access == Access.Write && memory.IsReadOnly ? Status.PermissionDenied : Status.Success;
    }
}

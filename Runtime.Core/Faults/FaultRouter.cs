using Runtime.Core.Memory;
using Runtime.Native;

namespace Runtime.Core.Faults;

/// <summary>
/// Where a hardware fault enters the kernel: from the window that was touched to the memory of the container whose page
/// is seen there.
/// </summary>
internal sealed class FaultRouter(PanedWindow window) : IFaultHandler
{
    [ThreadStatic]
    private static Exception? s_failure;

    /// <summary>Takes what a manager threw when the calling thread's last fault failed.</summary>
    internal static Exception? TakeFailure()
    {
        Exception? failure = s_failure;
        s_failure = null;
        return failure;
    }

    /// <summary>What the manager said, or threw, about a fault that the calling thread serves and that fails.</summary>
    internal static void NoteFailure(Exception failure) => s_failure = failure;

    public int OnFault(ref readonly Fault fault)
    {
        var access = (Access)fault.Access;
        long touched = fault.Offset / PageNumber.Size;
        Pane pane = window.Find(touched);
        ContainerMemory memory = pane.Owner;
        long offset = pane.ToOwner(touched) * PageNumber.Size + fault.Offset % PageNumber.Size;
        Status refusal = Check(pane, offset, access);
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
            FaultContext.Enter(memory, (ulong)offset, access, fault.Parent, memory.FaultDeadlineMs);
        context.Pane = pane;
        if (AccessRange.CountFrom(window, touched) is > 1 and long wanted)
        {
            memory.Request(context, Math.Min(wanted, pane.CountFrom(touched)));
        }

        serving = (ulong)context.Number;
        try
        {
            memory.CountFault(fault.Access);
            Status status = ServeOrNote(context);
            if (status != Status.Success)
            {
                FailureNotes.Add(window.Host.Name, fault.Offset, access, status, s_failure);
            }

            return (int)status;
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
        Pane pane = window.Find(page);
        ContainerMemory memory = pane.Owner;
        if (!memory.TryEnter())
        {
            return true;                                            // closed, and the mapping with it
        }

        try
        {
            return memory.TryWithdraw(pane, pane.ToOwner(page));
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
#pragma warning disable CA1031 // A manager is somebody else's code; whatever it throws, the fault must be answered.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            s_failure = failure;
            return FaultAnswer.Of(failure);
        }
    }

    private static Status Check(Pane pane, long offset, Access access)
    {
        if (access == Access.Execute)
        {
            return Status.NotSupported;
        }

        if (offset >= PageNumber.CountFor(pane.Owner.Length) * PageNumber.Size)
        {
            return Status.OutOfRange;
        }

        return access == Access.Write && (pane.IsReadOnly || pane.Owner.IsReadOnly)
            ? Status.PermissionDenied
            : Status.Success;
    }
}

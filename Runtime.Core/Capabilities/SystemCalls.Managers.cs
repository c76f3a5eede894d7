using Runtime.Core.Containers;
using Runtime.Core.Loci;
using Runtime.Core.Managers;
using Runtime.Core.Tracing;

namespace Runtime.Core.Capabilities;

/// <content>Who manages what.</content>
public sealed partial class SystemCalls
{
    /// <summary>
    /// <c>manage_request</c>: asks a manager to look after a container, without moving to the manager's. Invoking that
    /// with a block of <see cref="ManagementRequest.Encode"/> asks the same.
    /// </summary>
    /// <param name="manager">
    /// A capability with <see cref="KernelRights.Invoke"/> for a container that stands for a manager
    /// (<see cref="Kernel.GetManagerCapability"/>).
    /// </param>
    /// <param name="container">A capability with <see cref="KernelRights.SetManager"/>.</param>
    /// <param name="success">Whether the manager has taken it on; declining is no failure.</param>
    /// <returns>
    /// <see cref="Status.Success"/>, <see cref="Status.InvalidCapRef"/>, <see cref="Status.WrongEntityType"/>,
    /// <see cref="Status.PermissionDenied"/>; <see cref="Status.NoInvocationPoint"/>,
    /// <see cref="Status.NotRegistered"/> if it stands for no registered manager;
    /// <see cref="Status.ManagerFailed"/> if the manager threw; as <see cref="SetManager"/> if the manager accepted.
    /// </returns>
    public Status ManageRequest(CapRef manager, CapRef container, out bool success)
    {
        success = false;
        Status status = Earlier(
            FindManager(manager, KernelRights.Invoke, out string? name, out Status state),
            FindContainer(container, KernelRights.SetManager, out ContainerEntity? target));
        status = status == Status.Success ? state : status;
        return status == Status.Success
            ? Kernel.Ask(_kernel.ManagerNamed(target!.Record.Name, name!), name!, target, out success, out _)
            : status;
    }

    /// <summary>
    /// <c>set_manager</c>: binds a container to a manager without asking that. One that has a manager must be taken
    /// from it first (<see cref="RemoveManager"/>), unless that has failed. The container is open afterwards.
    /// </summary>
    /// <param name="container">A capability with <see cref="KernelRights.SetManager"/>.</param>
    /// <param name="manager">A capability with any right for a container that stands for a manager.</param>
    /// <param name="token">
    /// By which the manager is to know the container: its <see cref="Manager.OpenContainer"/> must answer it.
    /// Null for whatever that answers.
    /// </param>
    /// <returns>
    /// <see cref="Status.Success"/>, <see cref="Status.InvalidCapRef"/>, <see cref="Status.WrongEntityType"/>,
    /// <see cref="Status.PermissionDenied"/>, <see cref="Status.NoInvocationPoint"/> if nobody can invoke that
    /// container, <see cref="Status.NotRegistered"/> if it stands for no registered manager;
    /// <see cref="Status.AlreadyManaged"/>, <see cref="Status.TokenInUse"/>; <see cref="Status.Busy"/> or
    /// <see cref="Status.LeasesOutstanding"/> if the container is in use, <see cref="Status.NoResources"/>; what the
    /// manager answered. Nothing has changed then.
    /// </returns>
    public Status SetManager(CapRef container, CapRef manager, Token? token)
    {
        Status status = Earlier(
            FindContainer(container, KernelRights.SetManager, out ContainerEntity? target),
            FindManager(manager, KernelRights.None, out string? name, out Status state));
        status = status == Status.Success ? state : status;
        var outcome = new TraceOutcome();
        using TraceScope traced = Trace(CallNames.SetManager, target, ref outcome);
        return outcome.Status =
            status == Status.Success ? Refusal.Of(() => _kernel.SetManager(target!, name!, token)) : status;
    }

    /// <summary>
    /// Takes a container from its manager, the first of the two steps of a hand-over; <see cref="SetManager"/> is the
    /// second.
    /// </summary>
    /// <param name="container">A capability with <see cref="KernelRights.SetManager"/>.</param>
    /// <returns>
    /// <see cref="Status.Success"/>, <see cref="Status.InvalidCapRef"/>, <see cref="Status.WrongEntityType"/>,
    /// <see cref="Status.PermissionDenied"/>, <see cref="Status.NoManager"/>; as
    /// <see cref="Kernel.RemoveManager(string)"/>.
    /// </returns>
    public Status RemoveManager(CapRef container)
    {
        Status status = FindContainer(container, KernelRights.SetManager, out ContainerEntity? target);
        return status == Status.Success ? Refusal.Of(() => _kernel.RemoveManager(target!)) : status;
    }

    /// <summary>
    /// <c>map_root_page</c>: makes the kernel the manager of one page of a container, as
    /// <see cref="ManagerServices.MapRootPage"/>. The container is open afterwards.
    /// </summary>
    /// <param name="container">A capability with <see cref="KernelRights.SetManager"/>.</param>
    /// <param name="offset">A multiple of <see cref="PageNumber.Size"/>.</param>
    /// <param name="success">Whether it was done.</param>
    /// <returns>
    /// <see cref="Status.Success"/>, <see cref="Status.InvalidCapRef"/>, <see cref="Status.WrongEntityType"/>,
    /// <see cref="Status.PermissionDenied"/>, <see cref="Status.NoManager"/>, <see cref="Status.AlreadySet"/>,
    /// <see cref="Status.NotAligned"/>, <see cref="Status.OutOfRange"/>, <see cref="Status.AlreadyInstalled"/>,
    /// <see cref="Status.NoResources"/>; what kept the kernel's log from noting it.
    /// </returns>
    public Status MapRootPage(CapRef container, ulong offset, out bool success)
    {
        Status status = FindContainer(container, KernelRights.SetManager, out ContainerEntity? target);
        if (status == Status.Success)
        {
            status = target!.Record.IsUnmanaged ? Status.NoManager : Status.Success;
        }

        if (status == Status.Success)
        {
            Status mapped = Status.Success;
            status = Refusal.Of(() => mapped = _kernel.MapRoot(_kernel.Activate(target!).Memory, offset));
            status = status == Status.Success ? mapped : status;
        }

        success = status == Status.Success;
        return status;
    }

    /// <summary><c>get_root_page</c>: where the root page of a container is.</summary>
    /// <param name="container">A capability with <see cref="KernelRights.Read"/>.</param>
    /// <param name="offset">Its byte offset; <see cref="ulong.MaxValue"/> if there is none.</param>
    /// <returns>
    /// <see cref="Status.Success"/>, <see cref="Status.InvalidCapRef"/>, <see cref="Status.WrongEntityType"/>,
    /// <see cref="Status.PermissionDenied"/>; <see cref="Status.IoError"/> if the kernel's log is damaged.
    /// </returns>
    public Status GetRootPage(CapRef container, out ulong offset)
    {
        Status status = FindContainer(container, KernelRights.Read, out ContainerEntity? target);
        offset = status == Status.Success ? _kernel.Store.RootOf(target!.Id)?.Offset ?? ulong.MaxValue : ulong.MaxValue;
        return status != Status.Success ? status
            : _kernel.Store.Failure is null ? Status.Success
            : Status.IoError;
    }

    /// <param name="reference">Names a container that stands for a manager.</param>
    /// <param name="needed">The right.</param>
    /// <param name="name">Of the manager.</param>
    /// <param name="state">Of the container: checked after every right.</param>
    private Status FindManager(CapRef reference, KernelRights needed, out string? name, out Status state)
    {
        Status status = FindContainer(reference, needed, out ContainerEntity? container);
        name = ManagerEntry.ManagerOf(container?.EntryName);
        state = container?.EntryName is null ? Status.NoInvocationPoint
            : name is null || _kernel.Options.Managers.Find(name) is null ? Status.NotRegistered
            : Status.Success;
        return status;
    }
}

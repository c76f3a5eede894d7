using Runtime.Core.Containers;
using Runtime.Core.Loci;

namespace Runtime.Core.Capabilities;

/// <summary>The kernel's calls as the interface documents have them: CapRefs in, a <see cref="Status"/> out.</summary>
/// <remarks>
/// <para>
/// Each call checks in this order: the CapRef is valid (<see cref="Status.InvalidCapRef"/>), it is for the right type
/// of entity (<see cref="Status.WrongEntityType"/>), its group has the right (<see cref="Status.PermissionDenied"/>),
/// then states, then ranges, then resources. A call that fails has changed nothing.
/// </para>
/// <para>
/// Those of a locus are for the code that executes it, on its thread. Those of the kernel (<see cref="Kernel.Calls"/>)
/// are for the host program, thread safe, and use the host table; the host program executes in no container, so calls
/// that need one answer <see cref="Status.NotSupported"/>. Source: docs/semantics.md, "System calls".
/// </para>
/// </remarks>
public sealed partial class SystemCalls
{
    private readonly Kernel _kernel;
    private readonly Caller _caller;
    private readonly LocusEntity? _locus;

    internal SystemCalls(Kernel kernel, Caller caller, LocusEntity? locus)
    {
        _kernel = kernel;
        _caller = caller;
        _locus = locus;
    }

    /// <summary>Every call is a boundary for code in direct style: it may be made to rest or to leave here.</summary>
    private void PassBoundary()
    {
        if (_locus is { HoldsThread: true } locus)
        {
            locus.PassBoundary();
        }
    }

    private Status Find(CapRef reference, EntityType type, KernelRights needed, out PermissionGroup? group)
    {
        PassBoundary();
        return _caller.Find(reference, type, needed, out group);
    }

    private Status FindContainer(CapRef reference, KernelRights needed, out ContainerEntity? container)
    {
        Status status = Find(reference, EntityType.Container, needed, out PermissionGroup? group);
        container = status == Status.Success ? (ContainerEntity)group!.Entity : null;
        return status;
    }

    private Status FindLocus(CapRef reference, KernelRights needed, out LocusEntity? locus)
    {
        Status status = Find(reference, EntityType.Locus, needed, out PermissionGroup? group);
        locus = status == Status.Success ? (LocusEntity)group!.Entity : null;
        return status;
    }
}

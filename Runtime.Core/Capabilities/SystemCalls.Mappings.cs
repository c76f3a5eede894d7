using Runtime.Core.Containers;
using Runtime.Core.Loci;

namespace Runtime.Core.Capabilities;

/// <content>Mappings.</content>
public sealed partial class SystemCalls
{
    /// <summary>Shows a range of one container in another, to all who see that one.</summary>
    /// <param name="host">A capability with <see cref="KernelRights.Map"/>: where it is shown.</param>
    /// <param name="hostOffset">A multiple of 64 KiB.</param>
    /// <param name="source">
    /// A capability with <see cref="KernelRights.Read"/>, and for a writable mapping <see cref="KernelRights.Write"/>.
    /// </param>
    /// <param name="sourceOffset">A multiple of 64 KiB.</param>
    /// <param name="length">Bytes; a multiple of 64 KiB.</param>
    /// <param name="access">What the mapping allows. Rights are checked now, and not at every access.</param>
    /// <returns>
    /// <see cref="Status.Success"/>, <see cref="Status.InvalidCapRef"/>, <see cref="Status.WrongEntityType"/>,
    /// <see cref="Status.PermissionDenied"/>; <see cref="Status.NotAligned"/>, <see cref="Status.OutOfRange"/>,
    /// <see cref="Status.Overlap"/>, <see cref="Status.Cycle"/>, <see cref="Status.LeasesOutstanding"/>,
    /// <see cref="Status.NoResources"/>; <see cref="Status.NotSupported"/> for <see cref="Access.Execute"/>.
    /// </returns>
    public Status ContainerMap(
        CapRef host, ulong hostOffset, CapRef source, ulong sourceOffset, ulong length, Access access)
    {
        Status status = Earlier(
            FindContainer(host, KernelRights.Map, out ContainerEntity? target),
            FindSource(source, access, out ContainerEntity? shown));
        if (status == Status.Success)
        {
            status = CheckRange(hostOffset, sourceOffset, length);
        }

        return status == Status.Success
            ? Refusal.Of(() => _kernel.Activate(target!).Map(
                (long)hostOffset, _kernel.Activate(shown!), (long)sourceOffset, (long)length, access))
            : status;
    }

    /// <summary>Ends the mappings of a container that lie in a range; its own bytes are seen there again.</summary>
    /// <param name="host">A capability with <see cref="KernelRights.Map"/>.</param>
    /// <param name="hostOffset">A multiple of 64 KiB.</param>
    /// <param name="length">Bytes; a multiple of 64 KiB.</param>
    /// <returns>
    /// <see cref="Status.Success"/>, <see cref="Status.InvalidCapRef"/>, <see cref="Status.WrongEntityType"/>,
    /// <see cref="Status.PermissionDenied"/>; <see cref="Status.NotAligned"/>, <see cref="Status.OutOfRange"/> if there
    /// is none, <see cref="Status.Overlap"/> if one lies only partly in the range,
    /// <see cref="Status.LeasesOutstanding"/>.
    /// </returns>
    public Status ContainerUnmap(CapRef host, ulong hostOffset, ulong length)
    {
        Status status = FindContainer(host, KernelRights.Map, out ContainerEntity? target);
        if (status == Status.Success)
        {
            status = CheckRange(hostOffset, sourceOffset: 0, length);
        }

        return status == Status.Success
            ? Refusal.Of(() => _kernel.Activate(target!).Unmap((long)hostOffset, (long)length))
            : status;
    }

    /// <summary>
    /// Shows a range of another container in the one where the locus executes, to this invocation only and until it
    /// ends; it overrides the host's own mappings at the same addresses.
    /// </summary>
    /// <param name="source">As of <see cref="ContainerMap"/>.</param>
    /// <param name="hostOffset">A multiple of 64 KiB.</param>
    /// <param name="sourceOffset">A multiple of 64 KiB.</param>
    /// <param name="length">Bytes; a multiple of 64 KiB.</param>
    /// <param name="access">What the mapping allows.</param>
    /// <returns>
    /// As <see cref="ContainerMap"/>; <see cref="Status.NotSupported"/> for the host program, which has
    /// <see cref="Container.OpenWindow"/>.
    /// </returns>
    public Status LocusMap(CapRef source, ulong hostOffset, ulong sourceOffset, ulong length, Access access)
    {
        Status status = FindSource(source, access, out ContainerEntity? shown);
        if (status == Status.Success)
        {
            status = _locus is null ? Status.NotSupported : CheckRange(hostOffset, sourceOffset, length);
        }

        return status == Status.Success
            ? Refusal.Of(() => _locus!.Top.PrivateWindow(_kernel).Map(
                new PrivateMapping(hostOffset, shown!, sourceOffset, length, access)))
            : status;
    }

    /// <summary>Ends private mappings of this invocation.</summary>
    /// <param name="hostOffset">A multiple of 64 KiB.</param>
    /// <param name="length">Bytes; a multiple of 64 KiB.</param>
    /// <returns>
    /// As <see cref="ContainerUnmap"/>; <see cref="Status.NotSupported"/> for the host program.
    /// </returns>
    public Status LocusUnmap(ulong hostOffset, ulong length)
    {
        PassBoundary();
        Status status = _locus is null ? Status.NotSupported : CheckRange(hostOffset, sourceOffset: 0, length);
        return status == Status.Success
            ? Refusal.Of(() => _locus!.Top.PrivateWindow(_kernel).Unmap(hostOffset, length))
            : status;
    }

    /// <summary>Of two CapRefs, what is checked first: the statuses have the order of the checks.</summary>
    private static Status Earlier(Status one, Status other) =>
        one == Status.Success || (other != Status.Success && other < one) ? other : one;

    private static Status CheckRange(ulong hostOffset, ulong sourceOffset, ulong length) =>
        length == 0 || hostOffset > long.MaxValue || sourceOffset > long.MaxValue || length > long.MaxValue
            ? Status.OutOfRange
            : Status.Success;

    private Status FindSource(CapRef source, Access access, out ContainerEntity? found)
    {
        KernelRights needed = access == Access.Write ? KernelRights.Read | KernelRights.Write : KernelRights.Read;
        Status status = FindContainer(source, needed, out found);
        return status == Status.Success && access is not (Access.Read or Access.Write)
            ? Status.NotSupported
            : status;
    }
}

using Runtime.Core;
using Runtime.Core.Managers;
using Runtime.Core.Snapshots;
using Runtime.Core.Storage;

namespace Runtime.Stores.Managers;

/// <summary>Keeps containers in memory only: they begin as zeroes whenever they are opened.</summary>
/// <remarks>
/// Thread safe. Snapshots are refused with <see cref="Status.NotSupported"/>, and closing drops what was written. Pages
/// that were written stay in memory: when all of the kernel's memory is full of them, faults fail with
/// <see cref="Status.NoResources"/>. Shared by all volatile containers of a kernel: it holds nothing for them.
/// </remarks>
public sealed class ZeroFillManager : Manager
{
    private ulong _lastToken;

    /// <inheritdoc/>
    protected override ManagedContainer OpenContainer(ContainerRecord container, StateInterval? version)
    {
        ArgumentNullException.ThrowIfNull(container);
        return version is null
            ? new ManagedContainer(
                new Token(Interlocked.Increment(ref _lastToken)), container.Length, new StateInterval(1))
            {
                Level = ServiceLevel.None,
            }
            : throw new KernelException(
                Status.NoSuchInterval, $"container '{container.Name}' is volatile: it has no versions");
    }

    /// <inheritdoc/>
    protected override Status ContainerFault(in PageFault fault)
    {
        fault.Install();                                            // its memory is zeroes already
        return Status.Success;
    }

    /// <inheritdoc/>
    protected override Status ContainerSnapshot(in SnapshotCut cut) => Status.NotSupported;

    /// <inheritdoc/>
    /// <remarks>Nothing to be done: pages beyond the end are gone from memory, and there is nowhere else.</remarks>
    protected override Status ContainerResize(Token container, long length) => Status.Success;

    /// <inheritdoc/>
    protected override IReadOnlyList<SnapshotInfo> History(ContainerRecord container) => [];
}

using System.Buffers.Binary;
using Runtime.Core;
using Runtime.Core.Managers;
using Runtime.Core.Snapshots;
using Runtime.Core.Storage;
using Runtime.Native;
using Runtime.Tool.Tracing;

namespace Runtime.Tool.Faults;

/// <summary>
/// A manager without a store: every page begins with its own number plus one, so that a reader sees that it was
/// supplied. What its faults cost is what faults cost.
/// </summary>
internal sealed class NumberedPagesManager : Manager
{
    internal const string Name = "numbered-pages";

    /// <summary>Boots a kernel without a disk or directory, whose containers this manager supplies.</summary>
    /// <param name="engine">The trap engine; null for the default one.</param>
    /// <param name="cancellationToken">Cancels the boot.</param>
    internal static Task<Kernel> BootKernelAsync(TrapEngine? engine, CancellationToken cancellationToken)
    {
        var options = new KernelOptions
        {
            OpenVolume = () => new MemoryVolume(),
            DefaultManager = Name,
            SnapshotOnDispose = false,
            Engine = engine,
        };
        options.Managers.Add(Name, () => new NumberedPagesManager());
        return ToolTrace.BootAsync(options, cancellationToken);
    }

    /// <summary>What the first eight bytes of a page hold.</summary>
    internal static long ExpectedAt(long offset) => (offset / PageNumber.Size) + 1;

    /// <inheritdoc/>
    protected override ManagedContainer OpenContainer(ContainerRecord container, StateInterval? version) =>
        new(new Token(container.Id), container.Length, new StateInterval(1));

    /// <inheritdoc/>
    protected override Status ContainerFault(in PageFault fault)
    {
        BinaryPrimitives.WriteInt64LittleEndian(fault.Memory, (long)fault.Page.Value + 1);
        fault.Install();
        return Status.Success;
    }

    /// <inheritdoc/>
    protected override Status ContainerSnapshot(in SnapshotCut cut) => Status.NotSupported;

    /// <inheritdoc/>
    protected override IReadOnlyList<SnapshotInfo> History(ContainerRecord container) => [];
}

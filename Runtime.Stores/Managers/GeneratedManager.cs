using System.Collections.Concurrent;
using Runtime.Core;
using Runtime.Core.Managers;
using Runtime.Core.Snapshots;
using Runtime.Core.Storage;

namespace Runtime.Stores.Managers;

/// <summary>Containers whose content is computed where it is touched, and forgotten where memory is wanted.</summary>
/// <remarks>
/// Thread safe. They are read-only, and as long as they were created. The function is called on the faulting thread,
/// once for each page that is brought in; what it throws fails that fault with <see cref="Status.ManagerFailed"/>.
/// </remarks>
public sealed class GeneratedManager : Manager
{
    private readonly ConcurrentDictionary<Token, ContainerRecord> _containers = new();
    private readonly PageGenerator _generate;
    private ulong _lastToken;

    /// <summary>Creates the manager of all containers that one function computes.</summary>
    public GeneratedManager(PageGenerator generate)
    {
        ArgumentNullException.ThrowIfNull(generate);
        _generate = generate;
    }

    /// <inheritdoc/>
    protected override ManagedContainer OpenContainer(ContainerRecord container, StateInterval? version)
    {
        ArgumentNullException.ThrowIfNull(container);
        if (version is not null)
        {
            throw new KernelException(
                Status.NoSuchInterval, $"container '{container.Name}' is computed: it has no versions");
        }

        var token = new Token(Interlocked.Increment(ref _lastToken));
        _containers[token] = container;
        return new ManagedContainer(token, container.Length, new StateInterval(1)) { IsReadOnly = true };
    }

    /// <inheritdoc/>
    /// <remarks>Allocates nothing unless the function does.</remarks>
    protected override Status ContainerFault(in PageFault fault)
    {
        if (!_containers.TryGetValue(fault.Container, out ContainerRecord? container))
        {
            return Status.NotYourContainer;
        }

        long offset = (long)fault.Page.Value * PageNumber.Size;
        int length = (int)Math.Min(PageNumber.Size, container.Length - offset);
        _generate(container.Name, offset, fault.Memory[..length]);
        fault.Install();
        return Status.Success;
    }

    /// <inheritdoc/>
    protected override Status ContainerSnapshot(in SnapshotCut cut) => Status.PermissionDenied;

    /// <inheritdoc/>
    protected override IReadOnlyList<SnapshotInfo> History(ContainerRecord container) => [];

    /// <inheritdoc/>
    protected override void CloseContainer(Token container) => _containers.TryRemove(container, out _);
}

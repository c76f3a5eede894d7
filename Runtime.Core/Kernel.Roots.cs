using Runtime.Core.Containers;
using Runtime.Core.Managers;
using Runtime.Core.Memory;

namespace Runtime.Core;

/// <content>
/// Managers that manage themselves: their root pages (docs/semantics.md, "Self-managing managers").
/// </content>
public sealed partial class Kernel
{
    /// <summary>The kernel becomes the manager of one page, whose content now is durable when this returns.</summary>
    internal Status MapRoot(ContainerMemory memory, ulong offset)
    {
        if (Store.Failure is not null)
        {
            return Status.IoError;
        }

        Status status = memory.IsReadOnly ? Status.PermissionDenied : memory.MapRoot(offset, default);
        if (status != Status.Success)
        {
            return status;
        }

        try
        {
            Store.SaveRoot(memory.Record.Id, memory.CopyRoot(default));
            return Status.Success;
        }
        catch (VolumeException failure)
        {
            memory.SetQuarantine(failure);                          // it has a root page now that nothing would find
            return failure.Status;
        }
    }

    /// <summary>
    /// Opens the container that stands for a manager and that this manages itself, and creates it at first.
    /// </summary>
    internal Container OpenOwn(string manager, long length)
    {
        Store.ThrowIfDamaged();
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            ContainerEntity entity = StandingForUnsynchronized(manager, length, managedBy: manager);
            if (entity.Record.IsUnmanaged)
            {
                NoteManager(entity, manager, default);              // it has only stood for the manager so far
            }

            return OpenUnsynchronized(entity.Record, version: null, maximumLength: 0);
        }
    }

    /// <summary>Brings back the root page of an earlier life, before anybody touches the container.</summary>
    /// <returns>The open interval.</returns>
    private StateInterval BringRoot(ContainerMemory memory, ManagedContainer managed)
    {
        if (Store.RootOf(memory.Record.Id) is not { } root)
        {
            return managed.OpenInterval;
        }

        Status status = memory.MapRoot(root.Offset, root.Content.Span);
        if (status != Status.Success)
        {
            throw new KernelException(
                status, $"container '{memory.Name}': its root page at {root.Offset} cannot be brought in: {status}");
        }

        memory.MoveLine(root.Interval);
        StateInterval next = root.Interval.Next;
        return next > managed.OpenInterval ? next : managed.OpenInterval;
    }
}

namespace Runtime.Core.Capabilities;

/// <summary>All groups and tables of a kernel: what changes them.</summary>
/// <remarks>Thread safe. One lock orders changes; checking a capability takes none.</remarks>
internal sealed class CapabilitySpace(Func<ulong> nextNumber)
{
    internal Lock Lock { get; } = new();

    /// <summary>The table of the host program, which has a master capability for every container.</summary>
    internal CapabilityTable HostTable { get; } = new();

    /// <summary>Puts a capability into a slot, in place of what was there.</summary>
    internal Status Put(Caller caller, CapRef destination, PermissionGroup group)
    {
        lock (Lock)
        {
            return PutUnsynchronized(caller, destination, group);
        }
    }

    /// <summary>Has a second slot name the same permission group.</summary>
    internal Status Copy(Caller caller, CapRef source, CapRef destination)
    {
        lock (Lock)
        {
            return FindUnsynchronized(caller, source) is { } group
                ? PutUnsynchronized(caller, destination, group)
                : Status.InvalidCapRef;
        }
    }

    /// <summary>Makes a group below the one that a capability names, with those of the rights that it has.</summary>
    internal Status Derive(Caller caller, CapRef source, CapRef destination, KernelRights rights, uint userRights)
    {
        lock (Lock)
        {
            if (FindUnsynchronized(caller, source) is not { } group || caller.TableOf(destination) is null)
            {
                return Status.InvalidCapRef;
            }

            if ((group.Rights & KernelRights.Derive) == 0)
            {
                return Status.PermissionDenied;
            }

            ulong number;
            try
            {
                number = nextNumber();
            }
            catch (KernelException failure)
            {
                return failure.Status;                              // numbers could not be reserved in the log
            }

            return PutUnsynchronized(caller, destination, group.AddChildUnsynchronized(number, rights, userRights));
        }
    }

    /// <summary>Deletes the group that a capability names, with all below it.</summary>
    internal Status DestroyGroup(Caller caller, CapRef reference)
    {
        lock (Lock)
        {
            if (FindUnsynchronized(caller, reference) is not { } group)
            {
                return Status.InvalidCapRef;
            }

            if ((group.Rights & KernelRights.Destroy) == 0)
            {
                return Status.PermissionDenied;
            }

            group.DeleteUnsynchronized();
            return Status.Success;
        }
    }

    /// <summary>The entity is gone: no capability for it is worth anything any more.</summary>
    /// <returns>False if that was done before.</returns>
    internal bool TryDeleteAll(Entity entity)
    {
        lock (Lock)
        {
            if (entity.IsGone)
            {
                return false;
            }

            entity.IsGone = true;
            entity.Master.DeleteUnsynchronized();
            return true;
        }
    }

    /// <summary>
    /// The group of an entity that has every right; a new one, if a holder of the old one has deleted it.
    /// </summary>
    internal PermissionGroup MasterOf(Entity entity)
    {
        lock (Lock)
        {
            return entity.IsGone || !entity.Master.IsDeleted
                ? entity.Master
                : entity.RenewMasterUnsynchronized(nextNumber());
        }
    }

    /// <summary>Puts a capability into a free slot of a table, which is the caller's until it is cleared.</summary>
    /// <returns>The slot, or null if all are in use.</returns>
    internal uint? Add(CapabilityTable table, PermissionGroup group)
    {
        lock (Lock)
        {
            if (table.FindFreeUnsynchronized() is not { } index)
            {
                return null;
            }

            table.PutUnsynchronized(index, group);
            table.ReserveUnsynchronized(index);
            return index;
        }
    }

    internal void Clear(CapabilityTable table, uint index)
    {
        lock (Lock)
        {
            table.PutUnsynchronized(index, group: null);
            table.ReleaseUnsynchronized(index);
        }
    }

    /// <summary>Empties every slot.</summary>
    internal void Clear(CapabilityTable table)
    {
        if (!table.IsClear)
        {
            lock (Lock)
            {
                table.ClearUnsynchronized();
            }
        }
    }

    private static PermissionGroup? FindUnsynchronized(Caller caller, CapRef reference) =>
        caller.TableOf(reference)?.Find(reference.Index);

    private static Status PutUnsynchronized(Caller caller, CapRef destination, PermissionGroup group)
    {
        if (caller.TableOf(destination) is not { } table)
        {
            return Status.InvalidCapRef;
        }

        table.PutUnsynchronized(destination.Index, group);
        if (destination.Type == CapRefType.Container)
        {
            caller.Host!.NoteChange();
        }

        return Status.Success;
    }
}

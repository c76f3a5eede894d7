namespace Runtime.Core.Capabilities;

/// <summary>
/// Something that capabilities are for: it has permission groups, the first of which has every right.
/// </summary>
internal abstract class Entity
{
    private readonly Dictionary<ulong, PermissionGroup> _groups = [];   // guarded by the lock of the CapabilitySpace
    private volatile bool _isGone;

    private protected Entity(ulong id)
    {
        Id = id;
        Master = new PermissionGroup(this, number: 0, parent: null, KernelRights.All, uint.MaxValue);
        _groups.Add(Master.Number, Master);
    }

    internal abstract EntityType Type { get; }

    /// <summary>Never used again for another entity of its type.</summary>
    internal ulong Id { get; }

    /// <summary>The group with every right, below which all others stand.</summary>
    internal PermissionGroup Master { get; private set; }

    /// <summary>Whether it was destroyed.</summary>
    internal bool IsGone
    {
        get => _isGone;
        set => _isGone = value;
    }

    /// <summary>Its groups, parents before children.</summary>
    internal IEnumerable<PermissionGroup> GroupsUnsynchronized => _groups.Values.OrderBy(group => group.Number);

    internal PermissionGroup? FindGroupUnsynchronized(ulong number) => _groups.GetValueOrDefault(number);

    internal void AddGroupUnsynchronized(PermissionGroup group)
    {
        _groups.Add(group.Number, group);
        NoteChange();
    }

    internal void RemoveGroupUnsynchronized(PermissionGroup group)
    {
        _groups.Remove(group.Number);
        NoteChange();
    }

    /// <summary>Begins with no groups but a master of another number.</summary>
    internal PermissionGroup RenewMasterUnsynchronized(ulong number)
    {
        _groups.Clear();
        Master = new PermissionGroup(this, number, parent: null, KernelRights.All, uint.MaxValue);
        AddGroupUnsynchronized(Master);
        return Master;
    }

    /// <summary>Deletes the groups that no slot names and no group stands below, from the leaves up.</summary>
    internal void DeleteUnusedGroupsUnsynchronized()
    {
        foreach (PermissionGroup group in GroupsUnsynchronized.Reverse().ToArray())
        {
            group.DeleteIfUnusedUnsynchronized();
        }
    }

    /// <summary>What the kernel's log says of it is out of date.</summary>
    internal virtual void NoteChange()
    {
    }
}

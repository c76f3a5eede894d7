namespace Runtime.Core.Capabilities;

/// <summary>
/// The rights that capabilities bound to it have on one entity. Groups form a tree: a child has no right that its
/// parent lacks, and goes with it. One that no slot names, and no group stands below, goes by itself: nobody could ever
/// use it.
/// </summary>
/// <remarks>
/// The tree changes under the lock of the <see cref="CapabilitySpace"/>; rights never change, and whether it was
/// deleted may be asked by anybody: from that moment on no capability bound to it is worth anything, wherever it is.
/// </remarks>
internal sealed class PermissionGroup
{
    private readonly List<PermissionGroup> _children = [];
    private volatile bool _isDeleted;
    private int _slots;                                             // that name it, in all tables

    internal PermissionGroup(
        Entity entity, ulong number, PermissionGroup? parent, KernelRights rights, uint userRights)
    {
        Entity = entity;
        Number = number;
        Parent = parent;
        Rights = rights & (parent?.Rights ?? KernelRights.All);
        UserRights = userRights & (parent?.UserRights ?? uint.MaxValue);
    }

    internal Entity Entity { get; }

    /// <summary>
    /// Greater than its parent's; given to no other group of the kernel but first masters, which have 0.
    /// </summary>
    internal ulong Number { get; }

    internal PermissionGroup? Parent { get; }

    internal KernelRights Rights { get; }

    /// <summary>32 rights whose meaning is a matter of the code that is invoked.</summary>
    internal uint UserRights { get; }

    internal bool IsDeleted => _isDeleted;

    /// <summary>Makes a group below this one and notes it with the entity.</summary>
    internal PermissionGroup AddChildUnsynchronized(ulong number, KernelRights rights, uint userRights)
    {
        var child = new PermissionGroup(Entity, number, this, rights, userRights);
        _children.Add(child);
        Entity.AddGroupUnsynchronized(child);
        return child;
    }

    /// <summary>A slot names it.</summary>
    internal void NoteSlotUnsynchronized() => _slots++;

    /// <summary>A slot names it no more.</summary>
    internal void ForgetSlotUnsynchronized()
    {
        _slots--;
        DeleteIfUnusedUnsynchronized();
    }

    /// <summary>Deletes it, and those above it, as far as nobody can use them; but never a master.</summary>
    internal void DeleteIfUnusedUnsynchronized()
    {
        for (PermissionGroup? group = this;
            group is { IsDeleted: false, _slots: 0, _children.Count: 0, Parent: not null };
            group = group.Parent)
        {
            group.DeleteWithSubtree();
        }
    }

    /// <summary>Deletes it and all below it.</summary>
    internal void DeleteUnsynchronized()
    {
        DeleteWithSubtree();
        Parent?.DeleteIfUnusedUnsynchronized();
    }

    private void DeleteWithSubtree()
    {
        Parent?._children.Remove(this);
        var left = new Stack<PermissionGroup>([this]);
        while (left.TryPop(out PermissionGroup? group))
        {
            group._isDeleted = true;
            Entity.RemoveGroupUnsynchronized(group);
            group._children.ForEach(left.Push);
            group._children.Clear();
        }
    }
}

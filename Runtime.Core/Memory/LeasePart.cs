namespace Runtime.Core.Memory;

/// <summary>The pages of one container that a lease holds, and where they are seen.</summary>
internal readonly record struct LeasePart(Pane Pane, long Page, long Count)
{
    internal ContainerMemory Owner => Pane.Owner;

    /// <summary>Pins the pages, after counting a write lease at their container's gate.</summary>
    internal Status Hold(Access access, bool holdsAnother, long deadlineMs)
    {
        if (access == Access.Read)
        {
            return Owner.PinRange(Pane, Page, Count, access);
        }

        if (Pane.IsReadOnly)
        {
            return Status.PermissionDenied;
        }

        if (!Owner.Gate.TryEnterLease(holdsAnother, deadlineMs))
        {
            return Status.DeadlineExceeded;
        }

        Status status = Status.ManagerFailed;
        try
        {
            return status = Owner.PinRange(Pane, Page, Count, access);
        }
        finally
        {
            if (status != Status.Success)
            {
                Owner.Gate.LeaveLease();
            }
        }
    }

    internal void Release(Access access)
    {
        Owner.UnpinRange(Page, Count);
        if (access == Access.Write)
        {
            Owner.Gate.LeaveLease();
        }
    }
}

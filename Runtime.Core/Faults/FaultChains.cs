using Runtime.Core.Memory;

namespace Runtime.Core.Faults;

/// <summary>Finds out before a fault waits whether it would wait for itself.</summary>
/// <remarks>
/// Thread safe. A chain is a fault, the fault that happened during its upcall, and so on. Nested and waiting faults are
/// rare, so one lock serves all of them; a fault that is neither never comes here.
/// </remarks>
internal static class FaultChains
{
    private static readonly Lock s_lock = new();

    internal static void Link(FaultContext parent, FaultContext child)
    {
        lock (s_lock)
        {
            parent.Child = child;
        }
    }

    internal static void Unlink(FaultContext parent, FaultContext child)
    {
        lock (s_lock)
        {
            if (parent.Child == child)
            {
                parent.Child = null;
            }
        }
    }

    /// <summary>The child goes on without its parent, which ends.</summary>
    internal static void Detach(FaultContext child)
    {
        lock (s_lock)
        {
            if (child.Parent is { } parent && parent.Child == child)
            {
                parent.Child = null;
            }

            child.Parent = null;
        }
    }

    /// <summary>Whether an upcall for this container is further up in the chain.</summary>
    internal static bool IsServing(FaultContext? chain, ContainerMemory memory)
    {
        if (chain is null)
        {
            return false;
        }

        lock (s_lock)                                               // a task's chain may be cut by who waited for it
        {
            for (FaultContext? context = chain; context is not null; context = context.Parent)
            {
                if (context.Memory == memory)
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>
    /// Notes that a nested fault is going to wait for a claim, unless the claim's owner waits for it already.
    /// </summary>
    /// <returns>False if waiting would close a cycle.</returns>
    internal static bool TryBeginWait(FaultContext waiter, PageTable table, long page)
    {
        lock (s_lock)
        {
            (PageTable Table, long Page)? wait = (table, page);
            while (wait is { } next && FaultContext.Find((ulong)next.Table[next.Page].Owner) is { } owner)
            {
                if (IsAtOrAbove(owner, waiter))
                {
                    return false;
                }

                wait = Innermost(owner).WaitsFor;
            }

            waiter.WaitsFor = (table, page);
            return true;
        }
    }

    internal static void EndWait(FaultContext waiter)
    {
        lock (s_lock)
        {
            waiter.WaitsFor = null;
        }
    }

    private static FaultContext Innermost(FaultContext context)
    {
        while (context.Child is { } child)
        {
            context = child;
        }

        return context;
    }

    private static bool IsAtOrAbove(FaultContext context, FaultContext waiter)
    {
        for (FaultContext? above = waiter; above is not null; above = above.Parent)
        {
            if (above == context)
            {
                return true;
            }
        }

        return false;
    }
}

using Runtime.Core.Managers;

namespace Runtime.Core.Faults;

/// <summary>What a manager may answer a fault with, and what becomes of other answers.</summary>
internal static class FaultAnswer
{
    /// <summary>Whether the status says why a page cannot be supplied.</summary>
    internal static bool IsFailure(Status status) => status
        is Status.IoError
        or Status.Damaged
        or Status.Lost
        or Status.NoResources
        or Status.OutOfRange
        or Status.PermissionDenied
        or Status.NotSupported
        or Status.NoSuchInterval
        or Status.DeadlineExceeded
        or Status.NoManager
        or Status.ManagerFailed
        or Status.ManagerGone
        or Status.ManagerRecursion;

    /// <summary>What <see cref="PageFault.Fail"/> makes of its arguments.</summary>
    internal static KernelException Reason(Status status, string reason, int errorNumber)
    {
        ArgumentNullException.ThrowIfNull(reason);
        return IsFailure(status)
            ? new KernelException(status, reason) { ErrorNumber = errorNumber }
            : throw new ArgumentOutOfRangeException(nameof(status), status, "says nothing about a page");
    }

    /// <summary>The status of what an upcall threw.</summary>
    internal static Status Of(Exception thrown) => thrown switch
    {
        KernelException { Status: var status } when IsFailure(status) => status,
        OutOfMemoryException => Status.NoResources,
        _ => Status.ManagerFailed,
    };

    /// <summary>The status with which a fault ends whose manager has answered.</summary>
    /// <param name="container">Its name.</param>
    /// <param name="answer">The manager's.</param>
    /// <param name="reason">What it said by <see cref="PageFault.Fail"/>, and what is to be told.</param>
    internal static Status Sort(string container, Status answer, ref KernelException? reason)
    {
        if (answer != Status.Success && !IsFailure(answer))
        {
            reason = new KernelException(
                Status.ManagerFailed,
                $"container '{container}': its manager answered a fault with {answer}, which is no reason");
            return Status.ManagerFailed;
        }

        reason = reason?.Status == answer ? reason : null;
        return answer;
    }

    /// <summary>As <see cref="Sort"/>; the reason is noted for the thread that serves.</summary>
    internal static Status Take(string container, Status answer, KernelException? reason)
    {
        Status status = Sort(container, answer, ref reason);
        return Note(status, reason);
    }

    internal static Status Note(Status status, Exception? reason)
    {
        if (reason is not null)
        {
            FaultRouter.NoteFailure(reason);
        }

        return status;
    }
}

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

    /// <summary>The status with which a fault ends whose manager has answered; a failure's reason is noted.</summary>
    /// <param name="container">Its name.</param>
    /// <param name="answer">The manager's.</param>
    /// <param name="reason">What it said by <see cref="PageFault.Fail"/>.</param>
    internal static Status Take(string container, Status answer, KernelException? reason)
    {
        if (answer == Status.Success)
        {
            return answer;
        }

        if (!IsFailure(answer))
        {
            reason = new KernelException(
                Status.ManagerFailed,
                $"container '{container}': its manager answered a fault with {answer}, which is no reason");
        }
        else if (reason?.Status != answer)
        {
            return answer;
        }

        FaultRouter.NoteFailure(reason);
        return reason.Status;
    }
}

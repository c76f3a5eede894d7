namespace Runtime.Core.Managers;

/// <summary>
/// Upcalls that a program's own call waits for: what a manager throws becomes what the caller expects.
/// </summary>
internal static class ManagerCall
{
    /// <param name="container">Whom it is about.</param>
    /// <param name="call">The upcall's name.</param>
    /// <param name="upcall">Makes it.</param>
    /// <exception cref="KernelException">
    /// The manager's own, or <see cref="Status.ManagerFailed"/> around anything else.
    /// </exception>
    internal static T Make<T>(string container, string call, Func<T> upcall)
    {
        try
        {
            return upcall();
        }
        catch (Exception failure) when (failure is not KernelException)
        {
            throw Failure(container, call, failure);
        }
    }

    /// <inheritdoc cref="Make{T}(string, string, Func{T})"/>
    internal static void Make(string container, string call, Action upcall) => Make(container, call, () =>
    {
        upcall();
        return true;
    });

    /// <summary>What a manager threw, as its callers are told: its own words, or that it failed.</summary>
    internal static KernelException Failure(string container, string call, Exception thrown) =>
        thrown as KernelException ?? new KernelException(
            Status.ManagerFailed, $"container '{container}': its manager threw in {call}", thrown);

    /// <summary>The manager is obliged to do what it was asked, now or later.</summary>
    /// <exception cref="KernelException"><see cref="Status.ManagerFailed"/> if it answered anything else.</exception>
    internal static void ThrowUnlessObeyed(string container, string call, Status answer)
    {
        if (answer is not (Status.Success or Status.Accepted))
        {
            throw new KernelException(
                Status.ManagerFailed, $"container '{container}': its manager answered {call} with {answer}");
        }
    }

    /// <summary>What a disk answers is no failure of the manager's: it will be asked again.</summary>
    internal static bool MaySucceedLater(Status status) => status is Status.NoResources or Status.IoError;
}

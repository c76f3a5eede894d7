namespace Runtime.Core.Managers;

/// <summary>A manager that awaits: pages are supplied by tasks, many at once, on threads of the kernel's own.</summary>
/// <remarks>
/// The touching thread waits outside, up to its deadline. The task begins, and goes on after each await, on one of the
/// kernel's <see cref="KernelOptions.ManagerThreads"/>, never on the thread pool, whose threads may all wait in faults;
/// one request's continuations do not run beside each other. That holds for awaits that keep the context, so not behind
/// <c>ConfigureAwait(false)</c>, and what completes the awaited operation must not need the pool either: sockets,
/// <see cref="System.Net.Http.HttpClient"/>, <c>Task.Run</c> and <c>Task.Delay</c> do. Source: docs/semantics.md,
/// "Managers that await".
/// </remarks>
public abstract class AsyncManager : Manager
{
    internal sealed override bool Awaits => true;

    /// <summary>Never called: the kernel makes requests of this manager.</summary>
    protected internal sealed override Status ContainerFault(in PageFault fault) => Status.NotSupported;

    /// <summary>A page is needed that is not there: the task fills <see cref="PageRequest.Memory"/>.</summary>
    /// <param name="request">Ends with the task.</param>
    /// <returns>
    /// <see cref="Status.Success"/> when it is filled, which installs it; otherwise why not, as by
    /// <see cref="PageRequest.Fail"/>. A task that fails is that exception's status, else
    /// <see cref="Status.ManagerFailed"/>, as is one that was cancelled.
    /// </returns>
    protected internal abstract ValueTask<Status> ContainerFaultAsync(PageRequest request);

    internal sealed override ValueTask<Status> Await(PageRequest request) => ContainerFaultAsync(request);
}

using Runtime.Core.Faults;
using Runtime.Core.Memory;

namespace Runtime.Core.Managers;

/// <summary>One page, and perhaps some that follow, that a task is to supply: <see cref="AsyncManager"/>.</summary>
/// <remarks>
/// Belongs to the task until it ends; who touched the page may have gone by then. Until then the pages are invisible to
/// everyone else. Used by one continuation at a time.
/// </remarks>
#pragma warning disable CA1001 // What it has of the pages ends with its task, and there is nothing to free.
public sealed class PageRequest
#pragma warning restore CA1001
{
    private readonly Lock _lock = new();                            // guards _hasEnded
    private readonly Manager _manager;
    private readonly FaultContext _owner;
    private readonly ContainerMemory _memory;
    private readonly RequestMemory _pages;
    private readonly TaskStrand _strand;
    private KernelException? _reason;
    private bool _hasEnded;

    internal PageRequest(ContainerMemory memory, FaultContext owner, TaskThreads threads)
    {
        (_memory, _manager, _owner) = (memory, memory.Manager, owner);
        _pages = new RequestMemory(memory, owner.Page);
        _strand = new TaskStrand(threads) { Serving = (ulong)owner.Number };
        (Offset, Access) = (owner.Offset, owner.Access);
        Page = new PageNumber((ulong)owner.Page);
        RequestedLength = owner.RequestedPages * PageNumber.Size;
    }

    /// <summary>The kernel that asks.</summary>
    public MachineId Machine => _memory.Machine;

    /// <summary>The manager's own name for the container.</summary>
    public Token Container => _memory.Token;

    /// <summary>The byte offset of the access.</summary>
    public ulong Offset { get; }

    /// <summary>What was attempted.</summary>
    public Access Access { get; }

    /// <summary>The page that holds <see cref="Offset"/>.</summary>
    public PageNumber Page { get; }

    /// <inheritdoc cref="PageFault.RequestedLength"/>
    public int RequestedLength { get; }

    /// <inheritdoc cref="PageFault.SuggestedLength"/>
    /// <exception cref="ObjectDisposedException">The task has ended.</exception>
    public int SuggestedLength
    {
        get
        {
            ThrowIfEnded();
            return _memory.Suggest(_owner) * PageNumber.Size;
        }
    }

    /// <inheritdoc cref="PageFault.TimeLeft"/>
    /// <exception cref="ObjectDisposedException">The task has ended.</exception>
    public TimeSpan TimeLeft
    {
        get
        {
            ThrowIfEnded();
            return TimeSpan.FromMilliseconds(Math.Max(_owner.DeadlineMs - Environment.TickCount64, 0));
        }
    }

    /// <summary>
    /// Cancelled when the container is closed: nobody wants its pages any more, and closing waits for the task. Not at
    /// the deadline: a page that comes late is there for who touches it next.
    /// </summary>
    public CancellationToken CancellationToken => _memory.Closing;

    /// <summary>
    /// The claimed pages in the kernel view, zeroed, from <see cref="Page"/> on: until the task ends.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The task has ended.</exception>
    public Memory<byte> Memory
    {
        get
        {
            ThrowIfEnded();
            return _pages.Memory;
        }
    }

    /// <summary>Claims absent pages that follow, so that <see cref="Memory"/> goes on.</summary>
    /// <param name="length">
    /// How long it is to become, in bytes; <see cref="SuggestedLength"/> for instance. At most up to the next multiple
    /// of 1 MiB in the container.
    /// </param>
    /// <returns>How long it is: up to a page that is there, or on its way, or for which memory is short.</returns>
    /// <exception cref="ObjectDisposedException">The task has ended.</exception>
    public int Extend(int length)
    {
        ThrowIfEnded();
        int count = (int)Math.Min(PageNumber.CountFor(Math.Max(length, 0)), Victims.Most);
        while (_pages.Count < count && _memory.TryExtend(_owner, _owner.Page + _pages.Count))
        {
            _pages.Count++;
        }

        return _pages.Count * PageNumber.Size;
    }

    /// <inheritdoc cref="PageFault.Fail"/>
    public Status Fail(Status status, string reason, int errorNumber = 0)
    {
        ThrowIfEnded();
        _reason = FaultAnswer.Reason(status, reason, errorNumber);
        return status;
    }

    /// <summary><see cref="Status.Accepted"/> until the task has ended.</summary>
    internal Status Outcome { get; private set; } = Status.Accepted;

    /// <summary>What is to be told with an outcome that is a failure.</summary>
    internal Exception? Failure { get; private set; }

    internal void Begin() => _strand.Post(static request => _ = ((PageRequest)request!).RunAsync(), this);

    /// <summary>The fault that made the request goes its own way.</summary>
    internal void LeaveAlone()
    {
        lock (_lock)
        {
            if (!_hasEnded)
            {
                FaultChains.Detach(_owner);
            }
        }
    }

    private async Task RunAsync()
    {
        Status answer = Status.ManagerFailed;
        Exception? thrown = null;
        try
        {
            answer = await _manager.Await(this).ConfigureAwait(true);
        }
#pragma warning disable CA1031 // A manager is somebody else's code; whatever it throws, the fault must be answered.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            thrown = failure;
        }

        End(answer, thrown);
    }

    private void End(Status answer, Exception? thrown)
    {
        KernelException? reason = _reason;
        Outcome = thrown is null ? FaultAnswer.Sort(_memory.Name, answer, ref reason) : FaultAnswer.Of(thrown);
        Failure = thrown ?? reason;
        lock (_lock)
        {
            _hasEnded = true;
        }

        _strand.Serving = 0;
        int count = _pages.End();
        _memory.EndRequest(_owner, count, isFilled: Outcome == Status.Success);
    }

    private void ThrowIfEnded() => ObjectDisposedException.ThrowIf(_hasEnded, this);
}

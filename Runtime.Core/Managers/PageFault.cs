using Runtime.Core.Faults;

namespace Runtime.Core.Managers;

/// <summary>The arguments of one <c>container_fault</c>, and the claim on the page that it is about.</summary>
/// <remarks>
/// Lives as long as the upcall; the page stays invisible to everyone else until the upcall has returned.
/// </remarks>
public readonly ref struct PageFault
{
    private readonly FaultContext _context;

    internal PageFault(FaultContext context) => _context = context;

    /// <summary>The kernel that asks.</summary>
    public MachineId Machine => _context.Memory.Machine;

    /// <summary>The manager's own name for the container.</summary>
    public Token Container => _context.Memory.Token;

    /// <summary>The byte offset of the access.</summary>
    public ulong Offset => _context.Offset;

    /// <summary>What was attempted.</summary>
    public Access Access => _context.Access;

    /// <summary>The page that holds <see cref="Offset"/>.</summary>
    public PageNumber Page => new((ulong)_context.Page);

    /// <summary>
    /// How many bytes, from the first of <see cref="Page"/> on, the access is known to want: the rest of a lease or of
    /// an accessor's copy, up to 1 MiB; one page otherwise. Whole pages, none beyond the end.
    /// </summary>
    public int RequestedLength => _context.RequestedPages * PageNumber.Size;

    /// <summary>
    /// How many bytes, from the first of <see cref="Page"/> on, the kernel suggests to bring in: at least
    /// <see cref="RequestedLength"/>, and twice as many each time that somebody comes on from where the last
    /// suggestion was made, up to 1 MiB or a sixteenth of the memory. Whole pages, none beyond the end.
    /// </summary>
    /// <remarks>
    /// A hint: some of them may be in memory already, and less is no failure. More is brought in by
    /// <see cref="TryClaim"/>, <see cref="PageSet.TryClaim"/> or <see cref="ManagerServices.LcdInstall"/>.
    /// </remarks>
    public int SuggestedLength => _context.Memory.Suggest(_context) * PageNumber.Size;

    /// <summary>How long whoever touched the page still waits for it; zero once that is over.</summary>
    /// <remarks>What is installed later is there for who touches the page next.</remarks>
    public TimeSpan TimeLeft =>
        TimeSpan.FromMilliseconds(Math.Max(_context.DeadlineMs - Environment.TickCount64, 0));

    /// <summary>
    /// The claimed page in the kernel view, zeroed: <see cref="PageNumber.Size"/> bytes, writable until installed.
    /// </summary>
    public Span<byte> Memory => _context.Memory.KernelView(_context.Page);

    /// <summary>Declares <see cref="Memory"/> complete; the window is opened to it when the upcall returns.</summary>
    public void Install() => _context.IsInstalled = true;

    /// <summary>Says why the page cannot be supplied, in more than a status.</summary>
    /// <param name="status">
    /// One of <see cref="Status.IoError"/>, <see cref="Status.Damaged"/>, <see cref="Status.Lost"/>,
    /// <see cref="Status.NoResources"/>, <see cref="Status.OutOfRange"/>, <see cref="Status.PermissionDenied"/>,
    /// <see cref="Status.NotSupported"/>, <see cref="Status.NoSuchInterval"/>, <see cref="Status.DeadlineExceeded"/>,
    /// <see cref="Status.NoManager"/>, <see cref="Status.ManagerFailed"/>, <see cref="Status.ManagerGone"/> and
    /// <see cref="Status.ManagerRecursion"/>.
    /// </param>
    /// <param name="reason">For who touched the page (<see cref="ContainerFaultException.Reason"/>).</param>
    /// <param name="errorNumber">The operating system's number of the error; 0 for none.</param>
    /// <returns>The status, which is what the upcall then has to return.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The status is none of these.</exception>
    public Status Fail(Status status, string reason, int errorNumber = 0)
    {
        _context.Failure = FaultAnswer.Reason(status, reason, errorNumber);
        return status;
    }

    /// <summary>Claims another absent page of the same container, to install more than was asked for.</summary>
    /// <returns>False if the page is not absent, lies beyond the end, or memory is short; that is no failure.</returns>
    public bool TryClaim(PageNumber page, out PageClaim claim)
    {
        bool isClaimed = _context.Memory.TryClaimNeighbour(_context, (long)page.Value);
        claim = isClaimed ? new PageClaim(_context, page) : default;
        return isClaimed;
    }
}

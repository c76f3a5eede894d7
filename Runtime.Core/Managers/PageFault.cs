namespace Runtime.Core.Managers;

/// <summary>The arguments of one <c>container_fault</c>, and the claim on the page that it is about.</summary>
/// <remarks>Lives as long as the upcall; the page stays invisible to everyone else until installed.</remarks>
public readonly ref struct PageFault
{
    /// <summary>The kernel that asks.</summary>
    public MachineId Machine => throw new NotImplementedException();

    /// <summary>The manager's own name for the container.</summary>
    public Token Container => throw new NotImplementedException();

    /// <summary>The byte offset of the access.</summary>
    public ulong Offset => throw new NotImplementedException();

    /// <summary>What was attempted.</summary>
    public Access Access => throw new NotImplementedException();

    /// <summary>The page that holds <see cref="Offset"/>.</summary>
    public PageNumber Page => throw new NotImplementedException();

    /// <summary>The claimed page in the kernel view, zeroed: <see cref="PageNumber.Size"/> bytes, writable until installed.</summary>
    public Span<byte> Memory => throw new NotImplementedException();

    /// <summary>Declares <see cref="Memory"/> complete; the window is opened to it when the upcall returns.</summary>
    public void Install() => throw new NotImplementedException();

    /// <summary>Claims another absent page of the same container, to install more than was asked for.</summary>
    /// <returns>False if the page is not absent, lies beyond the end, or memory is short; that is no failure.</returns>
    public bool TryClaim(PageNumber page, out PageClaim claim) => throw new NotImplementedException();
}

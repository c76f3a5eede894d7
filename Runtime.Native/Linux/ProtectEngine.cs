namespace Runtime.Native.Linux;

/// <summary>Protection by <c>mprotect</c> on runs of pages; touches arrive as SIGSEGV. On any Linux.</summary>
internal sealed class ProtectEngine : TrapEngine
{
    public override string Name => "Protect";

    public override string? Unavailable => null;

    public override Section CreateSection(long maximumLength) => new LinuxSection(maximumLength);
}

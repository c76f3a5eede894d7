namespace Runtime.Native.Linux;

/// <summary>Protection by <c>mprotect</c> on runs of pages; touches arrive as SIGSEGV. On any Linux.</summary>
internal sealed class ProtectEngine : LinuxEngine
{
    public override string Name => "Protect";

    public override string? Unavailable => null;

    internal override Window OpenWindow(LinuxSection section, string name, IFaultHandler handler) =>
        new ProtectWindow(section, name, handler);
}

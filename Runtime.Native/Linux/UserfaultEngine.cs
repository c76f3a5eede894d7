namespace Runtime.Native.Linux;

/// <summary>
/// Protection by <c>userfaultfd</c>, page by page, without splitting a mapping; touches arrive as SIGBUS. Since
/// Linux 6.4, where it is permitted.
/// </summary>
internal sealed class UserfaultEngine : LinuxEngine
{
    public override string Name => "Userfault";

    public override string? Unavailable => Userfault.Unavailable;

    internal override Window OpenWindow(LinuxSection section, string name, IFaultHandler handler) =>
        Unavailable is null
            ? new UserfaultWindow(section, name, handler)
            : throw new PlatformNotSupportedException($"the trap engine {Name} is not available: {Unavailable}");
}

namespace Runtime.Native.Linux;

/// <summary>An engine of Linux: all have the same sections and differ in their windows.</summary>
internal abstract class LinuxEngine : TrapEngine
{
    public sealed override Section CreateSection(long maximumLength) => new LinuxSection(maximumLength, this);

    internal abstract Window OpenWindow(LinuxSection section, string name, IFaultHandler handler);
}

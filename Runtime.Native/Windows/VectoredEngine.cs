namespace Runtime.Native.Windows;

/// <summary>
/// Protection by <c>VirtualProtect</c> on runs of pages; touches arrive at a vectored exception handler.
/// </summary>
internal sealed class VectoredEngine : TrapEngine
{
    public override string Name => "Vectored";

    public override string? Unavailable => null;

    public override Section CreateSection(long maximumLength) =>
        new WindowsSection(maximumLength, (WindowsMemory)SystemMemory.Current);
}

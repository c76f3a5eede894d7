using Runtime.Native;

namespace Runtime.Tests.Native;

/// <summary>Another deadline for posted faults, until disposed.</summary>
internal sealed class ShortDeadline : IDisposable
{
    private static readonly TimeSpan s_usual = TimeSpan.FromSeconds(30);

    internal ShortDeadline(TimeSpan deadline) => Trap.SetDeadline(deadline);

    public void Dispose() => Trap.SetDeadline(s_usual);
}

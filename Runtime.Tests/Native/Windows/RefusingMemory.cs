using Runtime.Native;
using Runtime.Native.Windows;

namespace Runtime.Tests.Native.Windows;

/// <summary>The system's memory, except where it is told to refuse.</summary>
internal sealed unsafe class RefusingMemory : WindowsMemory
{
    private readonly WindowsMemory _real = (WindowsMemory)SystemMemory.Current;

    /// <summary>Commits succeed so often, and not afterwards.</summary>
    internal int CommitsLeft { get; set; } = int.MaxValue;

    /// <summary>The same of mapping chunks into windows.</summary>
    internal int MapsLeft { get; set; } = int.MaxValue;

    internal override nint FindPiece(long length, long alignment) => _real.FindPiece(length, alignment);

    internal override bool TryMap(nint section, byte* address) => MapsLeft-- > 0 && _real.TryMap(section, address);

    internal override void Unmap(byte* address) => _real.Unmap(address);

    internal override bool TryMapPart(nint section, long offset, byte* address, long length) =>
        MapsLeft-- > 0 && _real.TryMapPart(section, offset, address, length);

    internal override void UnmapPart(byte* address, long length) => _real.UnmapPart(address, length);

    internal override void Regroup(byte* start, ReadOnlySpan<int> before, ReadOnlySpan<int> after) =>
        _real.Regroup(start, before, after);

    internal override bool TryCommitClosed(byte* address, long length) =>
        CommitsLeft-- > 0 && _real.TryCommitClosed(address, length);
}

using Runtime.Native.Linux;
using Runtime.Native.Windows;

namespace Runtime.Native;

/// <summary>What the arena and the mapping budget ask of the system.</summary>
internal abstract class SystemMemory
{
    internal static SystemMemory Current { get; } =
        OperatingSystem.IsLinux() ? new LinuxMemory()
        : OperatingSystem.IsWindows() ? WindowsMemory.Choose()
        : throw new PlatformNotSupportedException();

    /// <summary>How many mappings a process may have; <see cref="long.MaxValue"/> where nobody counts.</summary>
    internal abstract long MappingLimit { get; }

    /// <summary>
    /// Finds address space for windows: reserved and inaccessible, or free, and then held by the next two.
    /// </summary>
    /// <exception cref="MemoryException">There is none left.</exception>
    internal abstract nint FindPiece(long length, long alignment);

    /// <summary>Holds a part of a piece for a window.</summary>
    /// <returns>False if others have taken some of it since it was found.</returns>
    /// <exception cref="MemoryException">The system refuses it for another reason.</exception>
    internal virtual bool TryHold(nint start, long length) => true;

    /// <summary>Undoes <see cref="TryHold"/>.</summary>
    internal virtual void LetGo(nint start, long length)
    {
    }
}

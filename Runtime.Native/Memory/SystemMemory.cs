using Runtime.Native.Linux;

namespace Runtime.Native;

/// <summary>What the arena and the mapping budget ask of the system.</summary>
internal abstract class SystemMemory
{
    internal static SystemMemory Current { get; } =
        OperatingSystem.IsLinux() ? new LinuxMemory() : throw new PlatformNotSupportedException();

    /// <summary>How many mappings a process may have; <see cref="long.MaxValue"/> where nobody counts.</summary>
    internal abstract long MappingLimit { get; }

    /// <summary>Reserves inaccessible address space.</summary>
    /// <exception cref="MemoryException">There is none left.</exception>
    internal abstract nint Reserve(long length, long alignment);
}

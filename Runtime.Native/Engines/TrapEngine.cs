using Runtime.Native.Linux;
using Runtime.Native.Windows;

namespace Runtime.Native;

/// <summary>A way of the system to protect pages and to report touches of them.</summary>
public abstract class TrapEngine
{
    /// <summary>Every engine that this system could have, the preferred one first.</summary>
    public static IReadOnlyList<TrapEngine> All { get; } =
        OperatingSystem.IsLinux() ? [new UserfaultEngine(), new ProtectEngine()]
        : OperatingSystem.IsWindows() ? [new VectoredEngine()]
        : [];

    /// <summary>The preferred engine that is available.</summary>
    /// <exception cref="PlatformNotSupportedException">None is.</exception>
    public static TrapEngine Default =>
        All.FirstOrDefault(engine => engine.Unavailable is null)
        ?? throw new PlatformNotSupportedException(
            "no trap engine is available: "
                + string.Join("; ", All.Select(engine => $"{engine.Name}: {engine.Unavailable}")));

    /// <summary>The name by which it is chosen and reported.</summary>
    public abstract string Name { get; }

    /// <summary>Why it cannot be used here; null if it can.</summary>
    public abstract string? Unavailable { get; }

    /// <summary>Creates a section of up to 1 TiB, sparse, without content.</summary>
    /// <exception cref="MemoryException">The system refuses it.</exception>
    public abstract Section CreateSection(long maximumLength);

    /// <inheritdoc/>
    public override string ToString() => Name;
}

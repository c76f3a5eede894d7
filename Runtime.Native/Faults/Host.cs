using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace Runtime.Native;

/// <summary>What this library can live in.</summary>
internal static class Host
{
    internal static void ThrowIfUnsupported()
    {
        bool isKnownSystem = OperatingSystem.IsLinux() || OperatingSystem.IsWindows();
        if (!isKnownSystem || IsMusl() || RuntimeInformation.ProcessArchitecture != Architecture.X64)
        {
            throw new PlatformNotSupportedException(
                $"Katydid runs on linux-x64 (glibc) and win-x64, not on {RuntimeInformation.RuntimeIdentifier}");
        }

        // The rescue of a stalled fault rests on how CoreCLR turns a fault at address 0 into an exception.
        if (!RuntimeFeature.IsDynamicCodeSupported)
        {
            throw new PlatformNotSupportedException("Katydid needs CoreCLR; NativeAOT is not supported");
        }

        // The first is in the Mono of old, the second in that of .NET.
        if (Type.GetType("Mono.Runtime") is not null || Type.GetType("Mono.RuntimeStructs") is not null)
        {
            throw new PlatformNotSupportedException("Katydid needs CoreCLR; Mono is not supported");
        }

        if (AssemblyLoadContext.GetLoadContext(typeof(Host).Assembly) is { IsCollectible: true })
        {
            throw new PlatformNotSupportedException(
                "Katydid.Runtime.Native was loaded into a collectible load context; fault handlers cannot be unloaded");
        }
    }

    /// <summary>Distributions that build .NET have names of their own, so the C library is asked, too.</summary>
    private static bool IsMusl() =>
        OperatingSystem.IsLinux()
        && (RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal)
            || !NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "gnu_get_libc_version", out _));
}

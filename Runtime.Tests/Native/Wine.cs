using Runtime.Core.Containers;
using Runtime.Native.Windows;

namespace Runtime.Tests.Native;

/// <summary>What Wine 8 does otherwise than Windows, of what tests look at.</summary>
internal static class Wine
{
    internal static bool IsHere { get; } = OperatingSystem.IsWindows() && WindowsMemory.IsWine;

    /// <summary>
    /// An exception's context holds AVX there, but neither the upper halves of AVX-512 nor its masks.
    /// </summary>
    internal static Helpers.Vectors KeptAcrossExceptions =>
        IsHere && Helpers.kh_vectors() == Helpers.Vectors.Avx512 ? Helpers.Vectors.Avx : Helpers.kh_vectors();

    /// <summary>RaiseFailFastException is a stub there and forgets why it was called.</summary>
    internal static int ExitCodeOfAccessViolation => unchecked((int)(IsHere ? 0xC000_0602 : 0xC000_0005));

    /// <summary>
    /// A new chunk is open there before it can be closed (docs/design.md, "Wine shows a chunk before it can be
    /// closed"): threads that race for the first touch of one find it made.
    /// </summary>
    internal static void TouchChunks(Container container)
    {
        for (long offset = 0; IsHere && offset < container.Length; offset += Chunk.Size)
        {
            container.View.Read<byte>(offset);
        }
    }
}

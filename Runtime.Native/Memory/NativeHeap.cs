using System.Runtime.InteropServices;

namespace Runtime.Native;

/// <summary>Memory outside of the managed heap, for what grows or is needed while faults are served.</summary>
/// <remarks>Thread safe.</remarks>
internal static unsafe class NativeHeap
{
    /// <summary>Says, in tests, of each allocation whether the system has no memory for it; otherwise null.</summary>
    internal static Func<bool>? Refuses { get; set; }

    /// <summary>Memory of zeroes; null if there is none.</summary>
    internal static void* TryAllocZeroed(nuint count, nuint size)
    {
        try
        {
            return AllocZeroed(count, size);
        }
        catch (OutOfMemoryException)
        {
            return null;
        }
    }

    /// <inheritdoc cref="NativeMemory.AllocZeroed(nuint, nuint)"/>
    internal static void* AllocZeroed(nuint count, nuint size)
    {
        ThrowIfRefused();
        return NativeMemory.AllocZeroed(count, size);
    }

    /// <inheritdoc cref="NativeMemory.AlignedAlloc"/>
    internal static void* AlignedAlloc(nuint byteCount, nuint alignment)
    {
        ThrowIfRefused();
        return NativeMemory.AlignedAlloc(byteCount, alignment);
    }

    private static void ThrowIfRefused()
    {
        if (Refuses?.Invoke() == true)
        {
            throw new InsufficientMemoryException("simulated: there is no native memory");
        }
    }
}

using System.Runtime.InteropServices;
using Mono.Unix.Native;

namespace Runtime.Native.Linux;

/// <summary>Mapping and unmapping by Mono.Posix: what happens once per section or window, never in a fault.</summary>
internal static class SetUp
{
    internal static nint Reserve(long length) =>
        Map(
            0,
            length,
            MmapProts.PROT_NONE,
            MmapFlags.MAP_PRIVATE | MmapFlags.MAP_ANONYMOUS | MmapFlags.MAP_NORESERVE,
            -1);

    /// <summary>Puts reserved addresses in the place of whatever is mapped there.</summary>
    internal static void ReserveAt(nint start, long length) =>
        Map(
            start,
            length,
            MmapProts.PROT_NONE,
            MmapFlags.MAP_PRIVATE | MmapFlags.MAP_ANONYMOUS | MmapFlags.MAP_NORESERVE | MmapFlags.MAP_FIXED,
            -1);

    /// <summary>
    /// Takes out what a window shows that closes. If the system has no memory even for that, it is only closed, and
    /// goes when the addresses are used again: closing must not fail for want of memory.
    /// </summary>
    internal static unsafe void TakeOut(nint start, long length)
    {
        try
        {
            ReserveAt(start, length);
        }
        catch (MemoryException) when (LibC.mprotect((byte*)start, (nuint)length, LibC.PROT_NONE) == 0)
        {
        }
    }

    internal static nint MapShared(int descriptor, long length) =>
        Map(
            0,
            length,
            MmapProts.PROT_READ | MmapProts.PROT_WRITE,
            MmapFlags.MAP_SHARED | MmapFlags.MAP_NORESERVE,
            descriptor);

    internal static void Unmap(nint start, long length)
    {
        if (length != 0 && Syscall.munmap(start, (ulong)length) != 0)
        {
            throw new MemoryException($"munmap of {length} bytes failed", Marshal.GetLastPInvokeError());
        }
    }

    internal static void SetLength(int descriptor, long length)
    {
        if (Syscall.ftruncate(descriptor, length) != 0)
        {
            throw new MemoryException(
                $"ftruncate of a memory file to {length} bytes failed", Marshal.GetLastPInvokeError());
        }
    }

    internal static void Close(int descriptor) => _ = Syscall.close(descriptor);

    private static nint Map(nint start, long length, MmapProts protection, MmapFlags flags, int descriptor)
    {
        nint address = Syscall.mmap(start, (ulong)length, protection, flags, descriptor, 0);
        return address != -1
            ? address
            : throw new MemoryException($"mmap of {length} bytes failed", Marshal.GetLastPInvokeError());
    }
}

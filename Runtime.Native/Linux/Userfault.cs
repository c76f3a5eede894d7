using System.Runtime.InteropServices;
using static Runtime.Native.Linux.LibC;

namespace Runtime.Native.Linux;

/// <summary>
/// The process's <c>userfaultfd</c>: one descriptor for every window, opened when first asked for and never closed.
/// </summary>
/// <remarks>Thread safe. Nobody reads from it: faults arrive as SIGBUS in the faulting thread.</remarks>
internal static unsafe class Userfault
{
    static Userfault()
    {
        (Descriptor, Unavailable) = UserfaultProbe.Open();
        if (Unavailable is not null)
        {
            (Descriptor, Unavailable) = UserfaultProbe.Open();      // it may have been want of memory, just then
        }
    }

    /// <summary>The descriptor; -1 if it cannot be used here.</summary>
    internal static int Descriptor { get; }

    /// <summary>Why it cannot be used here; null if it can.</summary>
    internal static string? Unavailable { get; }

    /// <summary>From now on a page shows in a mapping only when it is told to; it must show none yet.</summary>
    internal static void Register(byte* start, long length)
    {
        if (!TryRegister(Descriptor, start, length))
        {
            int error = Marshal.GetLastSystemError();               // before anything else can change it
            throw new MemoryException($"UFFDIO_REGISTER of {length} bytes failed", error);
        }
    }

    /// <summary>Shows pages that have memory and do not show.</summary>
    internal static bool TryContinue(byte* start, long length, bool isProtected) =>
        TryContinue(Descriptor, start, length, isProtected);

    /// <summary>Closes pages that show to writing, or opens them to it.</summary>
    internal static bool TryWriteProtect(byte* start, long length, bool isProtected) =>
        TryWriteProtect(Descriptor, start, length, isProtected);

    internal static bool TryRegister(int descriptor, byte* start, long length)
    {
        var register = new uffdio_register
        {
            range = Range(start, length),
            mode = UFFDIO_REGISTER_MODE_MISSING | UFFDIO_REGISTER_MODE_MINOR | UFFDIO_REGISTER_MODE_WP,
        };
        return ioctl(descriptor, UFFDIO_REGISTER, &register) == 0;
    }

    internal static bool TryContinue(int descriptor, byte* start, long length, bool isProtected)
    {
        for (byte* end = start + length; start < end;)
        {
            var request = new uffdio_continue
            {
                range = Range(start, end - start),
                mode = UFFDIO_CONTINUE_MODE_DONTWAKE | (isProtected ? UFFDIO_CONTINUE_MODE_WP : 0),
            };
            if (ioctl(descriptor, UFFDIO_CONTINUE, &request) == 0)
            {
                return true;
            }

            int error = Marshal.GetLastSystemError();               // before anything else can change it
            switch (error)
            {
                case EAGAIN:                                        // as far as it came; or mappings change just now
                    start += Math.Max(request.mapped, 0);
                    break;
                case EEXIST when TryWriteProtect(descriptor, start, Section.PageSize, isProtected):
                    start += Section.PageSize;                      // shown already, and now as it should be
                    break;
                default:
                    return RefusedCall.Note("UFFDIO_CONTINUE", error);
            }
        }

        return true;
    }

    internal static bool TryWriteProtect(int descriptor, byte* start, long length, bool isProtected)
    {
        var request = new uffdio_writeprotect
        {
            range = Range(start, length),
            mode = isProtected ? UFFDIO_WRITEPROTECT_MODE_WP : UFFDIO_WRITEPROTECT_MODE_DONTWAKE,
        };
        while (ioctl(descriptor, UFFDIO_WRITEPROTECT, &request) != 0)
        {
            int error = Marshal.GetLastSystemError();               // before anything else can change it
            if (error != EAGAIN)
            {
                return RefusedCall.Note("UFFDIO_WRITEPROTECT", error);
            }
        }

        return true;
    }

    private static uffdio_range Range(byte* start, long length) => new() { start = (ulong)start, len = (ulong)length };
}

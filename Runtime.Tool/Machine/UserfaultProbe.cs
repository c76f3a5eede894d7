using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Runtime.Tool.Machine;

/// <summary>Tries whether this process may use <c>userfaultfd</c>: settings, capabilities, seccomp decide.</summary>
internal static partial class UserfaultProbe
{
    private const int O_CLOEXEC = 0x80000;
    private const int UFFD_USER_MODE_ONLY = 1;

    internal static Finding Collect()
    {
        int descriptor = (int)syscall(SystemCallNumber, O_CLOEXEC | UFFD_USER_MODE_ONLY);
        if (descriptor < 0)
        {
            int error = Marshal.GetLastPInvokeError();
            string reason = $"{Marshal.GetPInvokeErrorMessage(error)} (errno {error})";
            return new("userfaultfd", "refused", reason + Advice(error));
        }

        new SafeFileHandle(descriptor, ownsHandle: true).Dispose();
        return new("userfaultfd", "permitted");
    }

    private static nint SystemCallNumber => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 323,
        _ => 282, // asm-generic/unistd.h
    };

    private static string Advice(int error)
    {
        const int EPERM = 1;
        return error == EPERM ? "; Docker's default seccomp profile refuses it" : "";
    }

    // unistd.h
    [LibraryImport("libc.so.6", SetLastError = true)]
    private static partial nint syscall(nint number, nint flags);
}

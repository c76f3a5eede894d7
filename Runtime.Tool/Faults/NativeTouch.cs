using System.Runtime.InteropServices;

namespace Runtime.Tool.Faults;

/// <summary>Touches memory from inside the system's own C code, as any library that is handed a pointer does.</summary>
internal static unsafe partial class NativeTouch
{
    internal static void Read(byte* address)
    {
        if (OperatingSystem.IsWindows())
        {
            byte copy;
            RtlMoveMemory(&copy, address, 1);
        }
        else
        {
            _ = memchr(address, 0, 1);
        }
    }

    // string.h
    [LibraryImport("libc.so.6")]
    private static partial void* memchr(void* s, int c, nuint n);

    // wdm.h
    [LibraryImport("ntdll")]
    private static partial void RtlMoveMemory(void* destination, void* source, nuint length);
}

using System.Runtime.InteropServices;

namespace Runtime.Tool.Machine;

/// <summary>The version of the C library.</summary>
internal static partial class GlibcVersion
{
    // The first with _dl_find_object, by which a fault handler finds an instruction's module without a lock.
    private static readonly Version s_findsModulesWithoutLock = new(2, 35);

    internal static string Read() => Marshal.PtrToStringUTF8(gnu_get_libc_version()) ?? "unknown";

    internal static string? Remark(string version) =>
        Version.TryParse(version, out Version? parsed) && parsed >= s_findsModulesWithoutLock
            ? null
            : $"before {s_findsModulesWithoutLock} the modules are found through a table";

    // gnu/libc-version.h
    [LibraryImport("libc.so.6")]
    private static partial nint gnu_get_libc_version();
}

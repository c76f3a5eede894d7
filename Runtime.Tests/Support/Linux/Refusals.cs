using System.Runtime.InteropServices;
using Runtime.Tests.Native;

namespace Runtime.Tests.Support.Linux;

/// <summary>
/// Lets a chosen one of the calls fail by which the library gets memory and rights to it, in a child that was started
/// with <see cref="Preload"/>: mmap, memfd_create, mremap, mprotect, madvise(MADV_POPULATE_WRITE), and ioctl of
/// userfaultfd.
/// </summary>
/// <remarks>
/// The library's imports are bound to functions of the tests' own, which count: so it needs no seam, and the runtime's
/// own calls are none of them. The handler's, in C, are not either.
/// </remarks>
internal static class Refusals
{
    /// <summary>What LD_PRELOAD is in the child: mmap is called by native code of Mono.Posix.</summary>
    public static string Preload { get; } = Path.Combine(AppContext.BaseDirectory, $"lib{Helpers.Library}.so");

    /// <summary>Before anything else calls the library.</summary>
    public static void Install()
    {
        nint helpers = NativeLibrary.Load(Preload);
        NativeLibrary.SetDllImportResolver(
            typeof(Runtime.Native.Trap).Assembly, (name, _, _) => name == "libc" ? helpers : 0);
    }

    /// <summary>The call of this number, from now on, fails with ENOMEM.</summary>
    public static void Refuse(int number) => Helpers.kh_refuse(number);

    /// <summary>From now on none fails.</summary>
    public static void End() => Helpers.kh_refuse(0);

    /// <summary>The one that has failed since <see cref="Refuse"/>; null if there were not so many.</summary>
    public static string? Refused => Marshal.PtrToStringUTF8(Helpers.kh_refused());
}

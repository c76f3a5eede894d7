using System.Runtime.InteropServices;

namespace Runtime.Tests.Native;

/// <summary>The calls of helpers/helpers.h: native code that is neither the runtime's nor the trap library's.</summary>
internal static unsafe partial class Helpers
{
    internal const string Library = "katydid_helpers";

    internal enum Vectors
    {
        Sse = 0,
        Avx = 1,
        Avx512 = 2,
    }

    /// <summary>kt_mark_native, for threads that have no business with C# yet.</summary>
    internal static nint MarkNative { get; } = NativeLibrary.GetExport(
        NativeLibrary.Load("katydid_trap", typeof(Runtime.Native.Trap).Assembly, null), "kt_mark_native");

    [LibraryImport(Library)]
    internal static partial byte kh_read(byte* address);

    [LibraryImport(Library)]
    internal static partial void kh_write(byte* address, byte value);

    [LibraryImport(Library)]
    internal static partial void kh_execute(byte* address);

    [LibraryImport(Library)]
    internal static partial byte kh_read_by_code_of_no_module(byte* address);

    [LibraryImport(Library)]
    internal static partial void kh_call(delegate* unmanaged<void> callback);

    [LibraryImport(Library)]
    internal static partial int kh_error_after_touch(byte* address, int error);

    [LibraryImport(Library)]
    internal static partial byte kh_read_under_lock(byte* address);

    [LibraryImport(Library)]
    internal static partial int kh_is_locked();

    [LibraryImport(Library)]
    internal static partial void kh_environment(out Environment environment);

    [LibraryImport(Library)]
    internal static partial Vectors kh_vectors();

    [LibraryImport(Library)]
    internal static partial ulong kh_thread_id();

    [LibraryImport(Library)]
    internal static partial Touched kh_touch_with_state(
        nint mark, State* before, State* after, ulong shift, Vectors vectors, int onBareThread);

    [LibraryImport(Library)]
    internal static partial int kh_touch_with_stack_left(byte* address, nint mark, ulong stackLeft, int onBareThread);

    [LibraryImport(Library)]
    internal static partial int kh_handler_install(int number);

    [LibraryImport(Library)]
    internal static partial byte* kh_handler_page(int number);

    [LibraryImport(Library)]
    internal static partial long kh_handler_mended(int number);

    [LibraryImport(Library)]
    internal static partial long kh_handler_passed(int number);

    [LibraryImport(Library)]
    internal static partial void kh_handler_end_with(int number, int code);

    /// <summary>Linux only.</summary>
    [LibraryImport(Library)]
    internal static partial ulong kh_blocked_signals();

    /// <summary>Linux only.</summary>
    [LibraryImport(Library)]
    internal static partial int kh_child_has(void* page);

    /// <summary>Linux only.</summary>
    [LibraryImport(Library)]
    internal static partial int kh_is_resident(void* page);

    /// <summary>Linux only.</summary>
    [LibraryImport(Library)]
    internal static partial int kh_send_to_self(int signal, int code, byte* address);

    /// <summary>enum kh_touched; all bits if there was no thread.</summary>
    [Flags]
    internal enum Touched
    {
        None = 0,
        HadAlternateStack = 1,
        ErrorChanged = 2,
    }

    /// <summary>struct kh_environment.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Environment
    {
        internal ulong Flags;
        internal uint Mxcsr;
        internal ushort X87Control;
        internal ushort X87Tags;
    }

    /// <summary>Linux only.</summary>
    [LibraryImport(Library)]
    internal static partial void kh_refuse(long number);

    /// <summary>Linux only.</summary>
    [LibraryImport(Library)]
    internal static partial nint kh_refused();

    /// <summary>struct kh_state.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct State
    {
        internal const int Rbx = 3;
        internal const int Rsp = 4;

        internal fixed ulong General[16];
        internal ulong Flags;
        internal uint Mxcsr;
        internal uint X87Control;
        internal fixed byte X87[8 * 16];
        internal fixed ulong Mask[8];
        internal fixed ulong RedZone[16];
        internal fixed byte Vector[32 * 64];
    }
}

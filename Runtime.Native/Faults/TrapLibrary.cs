using System.Runtime.InteropServices;

namespace Runtime.Native;

/// <summary>The calls of the trap library, as trap/trap.h declares them.</summary>
internal static unsafe partial class TrapLibrary
{
    internal const string Name = "katydid_trap";

    internal const int HandOver = -1;
    internal const int Rescued = -2;
    internal const int Regions = 65536;
    internal const int NameBytes = 64;

    [LibraryImport(Name)]
    internal static partial int kt_install(in Settings settings);

    [LibraryImport(Name)]
    internal static partial void kt_set_deadline(int milliseconds);

    [LibraryImport(Name)]
    internal static partial void kt_region_open(uint region, ulong start, ulong length, byte* name);

    [LibraryImport(Name)]
    internal static partial void kt_region_close(uint region, ulong start, ulong length);

    [LibraryImport(Name)]
    internal static partial void kt_region_grants(uint region, ulong** leaves, int descriptor);

    [LibraryImport(Name)]
    [SuppressGCTransition]
    internal static partial int kt_mark_native(int mark);

    [LibraryImport(Name)]
    [SuppressGCTransition]
    internal static partial ulong kt_exchange_serving(ulong serving);

    [LibraryImport(Name)]
    internal static partial Fault* kt_pager_take(int timeoutMs);

    [LibraryImport(Name)]
    internal static partial void kt_pager_finish(Fault* fault, int outcome);

    [LibraryImport(Name)]
    internal static partial int kt_pager_backlog();

    [LibraryImport(Name)]
    internal static partial void kt_heartbeat_wait();

    [LibraryImport(Name)]
    internal static partial void kt_read_statistics(out TrapStatistics statistics);

    [LibraryImport(Name)]
    internal static partial int kt_last_fault(out Fault fault);

    /// <summary>struct kt_settings.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Settings
    {
        internal delegate* unmanaged[Cdecl]<Fault*, int> Upcall;
        internal int DeadlineMs;
        internal int DeadlineStatus;
        internal int StallMs;
        internal int Reserved;
    }
}

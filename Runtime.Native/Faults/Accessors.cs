using System.Runtime.InteropServices;

namespace Runtime.Native;

/// <summary>
/// Touches windows on behalf of managed code, in assembly routines (trap/accessors_x64.S): a page fault in one of them
/// is served on the calling thread, which the runtime can meanwhile suspend.
/// </summary>
/// <remarks>
/// Each returns 0, or the positive status with which the fault failed; what was copied until then stays. Never declare
/// them <c>SuppressGCTransition</c>: a collection would then wait for the fault, and the fault for the collection.
/// Addresses outside of any window are touched as they are, with whatever that entails.
/// </remarks>
internal static unsafe partial class Accessors
{
    /// <summary>Reads 1 byte.</summary>
    [LibraryImport(TrapLibrary.Name, EntryPoint = "kt_load8")]
    internal static partial int Load8(byte* source, byte* value);

    /// <summary>Reads 2 bytes at once.</summary>
    [LibraryImport(TrapLibrary.Name, EntryPoint = "kt_load16")]
    internal static partial int Load16(byte* source, ushort* value);

    /// <summary>Reads 4 bytes at once.</summary>
    [LibraryImport(TrapLibrary.Name, EntryPoint = "kt_load32")]
    internal static partial int Load32(byte* source, uint* value);

    /// <summary>Reads 8 bytes at once.</summary>
    [LibraryImport(TrapLibrary.Name, EntryPoint = "kt_load64")]
    internal static partial int Load64(byte* source, ulong* value);

    /// <summary>Writes 1 byte.</summary>
    [LibraryImport(TrapLibrary.Name, EntryPoint = "kt_store8")]
    internal static partial int Store8(byte* destination, byte value);

    /// <summary>Writes 2 bytes at once.</summary>
    [LibraryImport(TrapLibrary.Name, EntryPoint = "kt_store16")]
    internal static partial int Store16(byte* destination, ushort value);

    /// <summary>Writes 4 bytes at once.</summary>
    [LibraryImport(TrapLibrary.Name, EntryPoint = "kt_store32")]
    internal static partial int Store32(byte* destination, uint value);

    /// <summary>Writes 8 bytes at once.</summary>
    [LibraryImport(TrapLibrary.Name, EntryPoint = "kt_store64")]
    internal static partial int Store64(byte* destination, ulong value);

    /// <summary>Stores <paramref name="value"/> where <paramref name="comparand"/> stands, atomically.</summary>
    [LibraryImport(TrapLibrary.Name, EntryPoint = "kt_exchange64")]
    internal static partial int CompareExchange64(byte* destination, ulong value, ulong comparand, ulong* previous);

    /// <summary>Copies forwards; either side may be a window, overlapping ranges are not for it.</summary>
    [LibraryImport(TrapLibrary.Name, EntryPoint = "kt_copy")]
    internal static partial int Copy(byte* destination, byte* source, ulong byteCount);

    /// <summary>Sets bytes.</summary>
    [LibraryImport(TrapLibrary.Name, EntryPoint = "kt_fill")]
    internal static partial int Fill(byte* destination, byte value, ulong byteCount);
}

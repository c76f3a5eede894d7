using System.Runtime.InteropServices;
using System.Text;

namespace Runtime.Native;

/// <summary>The windows that faults can come from, by the number under which the trap library knows them.</summary>
/// <remarks>
/// Handlers are held weakly: a view in use keeps its window alive, and the window its handler; a store that was
/// forgotten open can be collected.
/// </remarks>
internal static unsafe class Regions
{
    private static readonly Lock s_lock = new();
    private static readonly GCHandle[] s_handlers = new GCHandle[TrapLibrary.Regions];
    private static readonly string?[] s_names = new string?[TrapLibrary.Regions];
    private static readonly Stack<uint> s_free = new();
    private static uint s_next = 1;                                 // 0 means none to the trap library

    internal static uint Open(string name, IFaultHandler handler, nint start, long length)
    {
        Span<byte> terminated = stackalloc byte[TrapLibrary.NameBytes];
        terminated.Clear();
        Encoding.UTF8.TryGetBytes(name, terminated[..^1], out _);
        lock (s_lock)
        {
            if (!s_free.TryPop(out uint region))
            {
                region = s_next < TrapLibrary.Regions
                    ? s_next++
                    : throw new MemoryException($"all {TrapLibrary.Regions - 1} regions of the process are in use");
            }

            s_handlers[region] = GCHandle.Alloc(handler, GCHandleType.Weak);
            s_names[region] = name;
            fixed (byte* text = terminated)
            {
                TrapLibrary.kt_region_open(region, (ulong)start, (ulong)length, text);
            }

            return region;
        }
    }

    /// <summary>Faults in the region fail from now on; its addresses stay reserved.</summary>
    internal static void Retire(uint region)
    {
        lock (s_lock)
        {
            s_handlers[region].Target = null;
        }
    }

    /// <summary>Gives the number and the addresses up: only when nobody can touch them any more.</summary>
    internal static void Close(uint region, nint start, long length)
    {
        lock (s_lock)
        {
            TrapLibrary.kt_region_close(region, (ulong)start, (ulong)length);
            s_handlers[region].Free();
            s_handlers[region] = default;
            s_names[region] = null;
            s_free.Push(region);
        }
    }

    internal static IFaultHandler? HandlerOf(uint region)
    {
        GCHandle handle = s_handlers[region];
        return handle.IsAllocated ? (IFaultHandler?)handle.Target : null;
    }

    internal static string NameOf(uint region) => s_names[region] ?? "(closed)";
}

using System.Runtime.InteropServices;
using System.Text;

namespace Runtime.Native;

/// <summary>The windows that faults can come from, by the number under which the trap library knows them.</summary>
/// <remarks>
/// Windows are held weakly: a view in use keeps its window alive, and the window its handler; a store that was
/// forgotten open can be collected. The handle of a number is never freed, since a fault may be reading it.
/// </remarks>
internal static unsafe class Regions
{
    private static readonly Lock s_lock = new();
    private static readonly GCHandle[] s_windows = new GCHandle[TrapLibrary.Regions];
    private static readonly string?[] s_names = new string?[TrapLibrary.Regions];
    private static readonly Stack<uint> s_free = new();
    private static uint s_next = 1;                                 // 0 means none to the trap library

    internal static uint Open(string name, Window window, nint start, long length)
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

            if (s_windows[region].IsAllocated)
            {
                s_windows[region].Target = window;
            }
            else
            {
                s_windows[region] = GCHandle.Alloc(window, GCHandleType.Weak);
            }

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
            s_windows[region].Target = null;
        }
    }

    /// <summary>Gives the number and the addresses up: only when nobody can touch them any more.</summary>
    internal static void Close(uint region, nint start, long length)
    {
        lock (s_lock)
        {
            TrapLibrary.kt_region_close(region, (ulong)start, (ulong)length);
            s_windows[region].Target = null;
            s_names[region] = null;
            s_free.Push(region);
        }
    }

    /// <summary>The open window of a region; null if there is none.</summary>
    internal static Window? WindowOf(uint region)
    {
        GCHandle handle = s_windows[region];
        return handle.IsAllocated ? (Window?)handle.Target : null;
    }

    internal static string NameOf(uint region) => s_names[region] ?? "(closed)";
}

using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Native;

namespace Runtime.Tool.Faults;

/// <summary>A way in which code comes to touch an absent page, and how its fault reaches the manager.</summary>
/// <param name="Name">As JSON has it.</param>
/// <param name="Route">What happens on this way, for the reader.</param>
/// <param name="Touch">Reads at the offset.</param>
internal sealed record TouchWay(string Name, string Route, Action<ContainerView, long> Touch)
{
    internal static IReadOnlyList<TouchWay> All { get; } =
    [
        new("accessor", "view.Read: the manager runs on the faulting thread", ReadByAccessor),
        new("lease", "view.Lease: brought in before the span is handed out, no hardware fault", TakeLease),
        new("nativeSection", "C code, marked: the manager runs on the faulting thread", TouchInNativeSection),
        new("managed", "C# on a raw pointer: posted to a pager thread, the access is retried", TouchRaw),
        new("unmarkedNative", "C code, unmarked: posted to a pager thread, the access is retried", TouchFromNative),
    ];

    private static void ReadByAccessor(ContainerView view, long offset) => view.Read<long>(offset);

    private static void TakeLease(ContainerView view, long offset)
    {
        using Lease lease = view.Lease(offset, sizeof(long), Access.Read);
    }

    private static unsafe void TouchInNativeSection(ContainerView view, long offset)
    {
        using (Trap.NativeSection())
        {
            NativeTouch.Read(view.DangerousPointer + offset);
        }
    }

    /// <summary>A collection at the wrong moment has the access rescued: then an accessor brings the page.</summary>
    private static unsafe void TouchRaw(ContainerView view, long offset)
    {
        try
        {
            _ = Volatile.Read(ref *(long*)(view.DangerousPointer + offset));
        }
        catch (NullReferenceException) when (Kernel.LastFault is { IsRescued: true })
        {
            ReadByAccessor(view, offset);
        }
    }

    private static unsafe void TouchFromNative(ContainerView view, long offset) =>
        NativeTouch.Read(view.DangerousPointer + offset);
}

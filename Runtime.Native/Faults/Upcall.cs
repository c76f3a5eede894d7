using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Runtime.Native;

/// <summary>
/// Where the trap library enters managed code: finds the window's handler and never lets an exception out.
/// </summary>
internal static unsafe class Upcall
{
    internal static delegate* unmanaged[Cdecl]<Fault*, int> Entry => &OnFault;

    /// <summary>Compiles the way before the first fault takes it.</summary>
    internal static void Prepare()
    {
        foreach (string name in (ReadOnlySpan<string>)[nameof(OnFault), nameof(Serve)])
        {
            MethodInfo method = typeof(Upcall).GetMethod(name, BindingFlags.Static | BindingFlags.NonPublic)!;
            RuntimeHelpers.PrepareMethod(method.MethodHandle);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnFault(Fault* fault) =>
        RuntimeHelpers.TryEnsureSufficientExecutionStack() ? Serve(fault) : TrapLibrary.HandOver;

    internal static int Serve(Fault* fault)
    {
        try
        {
            return Regions.WindowOf(fault->Region) is { } window
                ? window.Handler.OnFault(in *fault)
                : FaultStatus.Closed;
        }
#pragma warning disable CA1031 // An exception that left managed code here would end the process.
        catch (Exception)
#pragma warning restore CA1031
        {
            return FaultStatus.HandlerFailed;
        }
    }
}

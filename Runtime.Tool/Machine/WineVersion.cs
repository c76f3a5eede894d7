using System.Runtime.InteropServices;

namespace Runtime.Tool.Machine;

/// <summary>Tells Wine from Windows, by the function that only Wine's ntdll exports.</summary>
internal static class WineVersion
{
    /// <summary>Wine's version, or null on real Windows.</summary>
    internal static unsafe string? Read()
    {
        if (!NativeLibrary.TryLoad("ntdll", out nint ntdll)
            || !NativeLibrary.TryGetExport(ntdll, "wine_get_version", out nint wineGetVersion))
        {
            return null;
        }

        return Marshal.PtrToStringUTF8((nint)((delegate* unmanaged[Cdecl]<byte*>)wineGetVersion)());
    }
}

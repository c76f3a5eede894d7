using System.Runtime.CompilerServices;

namespace Runtime.Tests.Native;

/// <summary>Touches of raw pointers by managed code, one instruction each, in methods without a safe point.</summary>
internal static unsafe class Raw
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static byte Read(byte* address) => *address;

    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static void Write(byte* address, byte value) => *address = value;

    internal static bool TryRead(byte* address, out byte value)
    {
        try
        {
            value = Read(address);
            return true;
        }
        catch (NullReferenceException)
        {
            value = 0;
            return false;
        }
    }

    internal static bool TryWrite(byte* address, byte value)
    {
        try
        {
            Write(address, value);
            return true;
        }
        catch (NullReferenceException)
        {
            return false;
        }
    }
}

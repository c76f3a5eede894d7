using Runtime.Native;

namespace Runtime.Tests.Native.Faults;

/// <summary>One byte, touched in each of the ways of DESIGN 5's table.</summary>
internal static unsafe class Ways
{
    /// <summary>
    /// Reads; a managed access that was rescued is repeated through an accessor, as one is told to do.
    /// </summary>
    internal static byte Read(FaultWay way, byte* address)
    {
        byte value;
        switch (way)
        {
            case FaultWay.NativeSection:
                using (Trap.NativeSection())
                {
                    return Helpers.kh_read(address);
                }

            case FaultWay.UnmarkedNative:
                using (Trap.ManagedSection())
                {
                    return Helpers.kh_read(address);
                }

            case FaultWay.Managed when Raw.TryRead(address, out value):
                return value;
            default:
                ThrowIfFailed(Accessors.Load8(address, &value));
                return value;
        }
    }

    /// <inheritdoc cref="Read"/>
    internal static void Write(FaultWay way, byte* address, byte value)
    {
        switch (way)
        {
            case FaultWay.NativeSection:
                using (Trap.NativeSection())
                {
                    Helpers.kh_write(address, value);
                    return;
                }

            case FaultWay.UnmarkedNative:
                using (Trap.ManagedSection())
                {
                    Helpers.kh_write(address, value);
                    return;
                }

            case FaultWay.Managed when Raw.TryWrite(address, value):
                return;
            default:
                ThrowIfFailed(Accessors.Store8(address, value));
                return;
        }
    }

    private static void ThrowIfFailed(int status)
    {
        if (status != 0)
        {
            throw new InvalidOperationException($"status {status}");
        }
    }
}

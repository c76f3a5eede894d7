using static Runtime.Native.Windows.Kernel32;

namespace Runtime.Tests.Native.Windows;

/// <summary>What the system says of an address.</summary>
internal static unsafe class View
{
    internal static uint StateOf(byte* address) => Of(address).State;

    internal static uint ProtectionOf(byte* address) => Of(address).Protect;

    private static MEMORY_BASIC_INFORMATION Of(byte* address)
    {
        MEMORY_BASIC_INFORMATION memory;
        return VirtualQuery(address, &memory, (nuint)sizeof(MEMORY_BASIC_INFORMATION)) != 0
            ? memory
            : throw new InvalidOperationException("VirtualQuery failed");
    }
}

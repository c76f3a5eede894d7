using System.Globalization;

namespace Runtime.Native.Linux;

internal sealed class LinuxMemory : SystemMemory
{
    private const long DefaultMappingLimit = 65_530;

    internal override long MappingLimit { get; } = ReadMappingLimit();

    internal override nint FindPiece(long length, long alignment)
    {
        // The system aligns to pages: reserve one alignment more and give the ends back.
        nint start = SetUp.Reserve(length + alignment);
        nint aligned = (nint)((start + alignment - 1) / alignment * alignment);
        SetUp.Unmap(start, aligned - start);
        SetUp.Unmap(aligned + (nint)length, start + (nint)alignment - aligned);
        return aligned;
    }

    private static long ReadMappingLimit()
    {
        try
        {
            return long.Parse(File.ReadAllText("/proc/sys/vm/max_map_count"), CultureInfo.InvariantCulture);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or FormatException)
        {
            return DefaultMappingLimit;                             // hidden in some sandboxes; the kernel's default
        }
    }
}

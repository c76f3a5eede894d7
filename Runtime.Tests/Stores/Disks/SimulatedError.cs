namespace Runtime.Tests.Stores.Disks;

/// <summary>What a simulated system answers in place of doing what it was asked.</summary>
/// <param name="Linux">The number there.</param>
/// <param name="Windows">The number there.</param>
internal sealed record SimulatedError(int Linux, int Windows)
{
    private const int FacilityWin32 = unchecked((int)0x8007_0000);

    /// <summary>EIO, ERROR_IO_DEVICE.</summary>
    public static SimulatedError Medium { get; } = new(5, 1117);

    /// <summary>ENOSPC, ERROR_DISK_FULL.</summary>
    public static SimulatedError Full { get; } = new(28, 112);

    /// <summary>EROFS, ERROR_WRITE_PROTECT.</summary>
    public static SimulatedError ReadOnly { get; } = new(30, 19);

    public int Number => OperatingSystem.IsWindows() ? Windows : Linux;

    /// <summary>As the messages of disks name it.</summary>
    public string Words => OperatingSystem.IsWindows() ? $"(error {Windows})" : $"(errno {Linux})";

    /// <summary>As .NET reports it.</summary>
    public IOException ToException() => new(
        $"simulated {Words}", OperatingSystem.IsWindows() ? FacilityWin32 | Windows : Linux);
}

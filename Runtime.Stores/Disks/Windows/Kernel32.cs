namespace Runtime.Stores.Disks.Windows;

/// <summary>
/// The calls and numbers of Windows that disks need, spelled as the documentation spells them; one file per header.
/// </summary>
internal static partial class Kernel32
{
    private const string Library = "kernel32";
}

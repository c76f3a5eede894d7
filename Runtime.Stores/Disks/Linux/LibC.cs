namespace Runtime.Stores.Disks.Linux;

/// <summary>
/// The calls and numbers of Linux that disks need, spelled as the manual spells them; one file per header.
/// </summary>
internal static partial class LibC
{
    private const string Library = "libc";
}

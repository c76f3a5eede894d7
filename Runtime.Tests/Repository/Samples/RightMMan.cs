// sys/mman.h, sys/uio.h

namespace Runtime.Tests.Repository.Samples;

/// <summary>Kernel words as <see cref="HeaderTests"/> wants them.</summary>
internal static class RightMMan
{
    internal const int PROT_READ = 0x1;
    internal const uint MAP_ANONYMOUS = 0x20;
    internal const int MAP_FAILED = -1; // not in this form: a pointer
    internal const long Largest = -1; // SSIZE_MAX is no matter of this test, and this no C name
    internal const int Fixed = 0x10; // MAP_FIXED
}

/// <summary>Its fields are the header's, in C# casing.</summary>
/// <param name="IovBase">Where the bytes are.</param>
/// <param name="IovLen">How many.</param>
internal record struct IoVec(nint IovBase, nuint IovLen); // struct iovec

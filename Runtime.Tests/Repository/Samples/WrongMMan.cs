// sys/mman.h, sys/uio.h

namespace Runtime.Tests.Repository.Samples;

/// <summary>Mistakes that <see cref="HeaderTests"/> has to find; the first is one of .NET's own.</summary>
internal static class WrongMMan
{
    internal const int MAP_ANONYMOUS = 0x10;
    internal const int MAP_NEVER_HEARD_OF = 1;
}

/// <summary>The two fields are exchanged.</summary>
/// <param name="IovLen">How many.</param>
/// <param name="IovBase">Where the bytes are.</param>
internal record struct SwappedIoVec(nuint IovLen, nint IovBase); // struct iovec

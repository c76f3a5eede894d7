namespace Runtime.Core.Storage;

/// <summary>
/// Where the kernel puts pages of its own accord, when they must leave memory and their manager does not take them.
/// </summary>
/// <remarks>
/// Thread safe. Of no use to anybody but the kernel that wrote it: nothing of it is found again after a crash.
/// </remarks>
public interface ISpill
{
    /// <summary>Takes a page.</summary>
    /// <returns>Where it is, until <see cref="Free"/>.</returns>
    /// <exception cref="VolumeException">There is no room, or the medium fails; nothing was taken.</exception>
    uint Write(ReadOnlySpan<byte> page);

    /// <summary>Reads a page back, verified.</summary>
    /// <exception cref="VolumeException">The medium fails; it may be tried again.</exception>
    void Read(uint slot, Span<byte> destination);

    /// <summary>The page is not needed any more.</summary>
    void Free(uint slot);
}

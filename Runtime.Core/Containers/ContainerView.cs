namespace Runtime.Core.Containers;

/// <summary>The bytes of a container, reached through its window: an access to an absent page is a hardware fault.</summary>
/// <remarks>
/// Thread safe as memory is: values of up to 8 aligned bytes are read and written whole, others may tear. Offsets are
/// bytes from the start. Beyond the end: <see cref="ArgumentOutOfRangeException"/>; after close:
/// <see cref="ObjectDisposedException"/>; a page that cannot be supplied: <see cref="ContainerFaultException"/>.
/// </remarks>
public sealed class ContainerView
{
    /// <summary>The length in bytes.</summary>
    public long Length => throw new NotImplementedException();

    /// <summary>Reads a value.</summary>
    public T Read<T>(long offset)
        where T : unmanaged => throw new NotImplementedException();

    /// <summary>Writes a value.</summary>
    public void Write<T>(long offset, T value)
        where T : unmanaged => throw new NotImplementedException();

    /// <summary>Copies bytes out of the container.</summary>
    public void Read(long offset, Span<byte> destination) => throw new NotImplementedException();

    /// <summary>Copies bytes into the container.</summary>
    public void Write(long offset, ReadOnlySpan<byte> source) => throw new NotImplementedException();

    /// <summary>Sets a range to one value.</summary>
    public void Fill(long offset, long length, byte value) => throw new NotImplementedException();

    /// <summary>The first offset at or after <paramref name="start"/> where the bytes stand, or -1.</summary>
    public long IndexOf(ReadOnlySpan<byte> pattern, long start = 0) => throw new NotImplementedException();

    /// <summary>Brings the range in, pins it and hands it out; inside the lease nothing faults.</summary>
    /// <param name="offset">Any byte offset.</param>
    /// <param name="length">Bytes, 1 to <see cref="int.MaxValue"/>.</param>
    /// <param name="access"><see cref="Access.Write"/> makes the span writable and delays cuts until disposed.</param>
    public Lease Lease(long offset, int length, Access access) => throw new NotImplementedException();

    /// <inheritdoc cref="Lease"/>
    public ValueTask<Lease> LeaseAsync(
        long offset, int length, Access access, CancellationToken cancellationToken = default) =>
        throw new NotImplementedException();

    /// <summary>The window's first byte, for native code and raw pointers; the view must outlive its use.</summary>
    /// <remarks>A failed access by managed code is a <see cref="NullReferenceException"/>, by native code a crash.</remarks>
    public unsafe byte* DangerousPointer => throw new NotImplementedException();
}

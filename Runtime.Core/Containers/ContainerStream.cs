namespace Runtime.Core.Containers;

/// <summary>A container, or what was open of it, as a stream of bytes.</summary>
/// <remarks>
/// Not thread safe: a position belongs to one reader; open as many as needed. Reading and writing are accesses like any
/// other: they bring pages in, and fail as the view's accessors do. <see cref="Flush"/> does nothing, since nothing is
/// buffered; what makes bytes durable is a snapshot. Disposing it leaves the container open.
/// </remarks>
public sealed class ContainerStream : Stream
{
    // A synchronous stretch of an asynchronous copy, short enough for cancelling to be felt.
    private const int LongestStretch = 1 << 20;

    private readonly Container _container;
    private readonly Access _access;
    private long _position;
    private bool _isDisposed;

    internal ContainerStream(Container container, Access access)
    {
        _container = container;
        _access = access;
    }

    /// <inheritdoc/>
    public override bool CanRead => !_isDisposed;

    /// <inheritdoc/>
    public override bool CanSeek => !_isDisposed;

    /// <inheritdoc/>
    public override bool CanWrite => !_isDisposed && _access == Access.Write;

    /// <summary>The container's length in bytes, as it is now.</summary>
    public override long Length
    {
        get
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _container.Length;
        }
    }

    /// <summary>Where the next byte is read or written; it may lie beyond the end.</summary>
    public override long Position
    {
        get
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _position;
        }

        set
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            _position = value;
        }
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        int count = (int)Math.Clamp(_container.Length - _position, 0, buffer.Length);
        if (count > 0)
        {
            _container.View.Read(_position, buffer[..count]);
            _position += count;
        }

        return count;
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        return Read(buffer.AsSpan(offset, count));
    }

    /// <inheritdoc/>
    public override int ReadByte()
    {
        Span<byte> one = stackalloc byte[1];
        return Read(one) == 0 ? -1 : one[0];
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Waits for pages on a thread of the pool; cancelling ends the wait, not what is being brought in.
    /// </remarks>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        int count = (int)Math.Clamp(_container.Length - _position, 0, Math.Min(buffer.Length, LongestStretch));
        if (count == 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return 0;
        }

        using (Lease lease = await _container.View.LeaseAsync(_position, count, Access.Read, cancellationToken)
            .ConfigureAwait(false))
        {
            lease.Span.CopyTo(buffer.Span);
        }

        _position += count;
        return count;
    }

    /// <inheritdoc/>
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    /// <summary>Writes at the position; beyond the end the container grows, up to its maximum length.</summary>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        Grow(buffer.Length);
        _container.View.Write(_position, buffer);
        _position += buffer.Length;
    }

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        Write(buffer.AsSpan(offset, count));
    }

    /// <inheritdoc/>
    public override void WriteByte(byte value) => Write([value]);

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Grow(buffer.Length);
        while (buffer.Length > 0)
        {
            int count = Math.Min(buffer.Length, LongestStretch);
            using (Lease lease = await _container.View.LeaseAsync(_position, count, Access.Write, cancellationToken)
                .ConfigureAwait(false))
            {
                buffer.Span[..count].CopyTo(lease.Span);
            }

            _position += count;
            buffer = buffer[count..];
        }
    }

    /// <inheritdoc/>
    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin)
    {
        long start = origin switch
        {
            SeekOrigin.Begin => 0,
            SeekOrigin.Current => Position,
            SeekOrigin.End => Length,
            _ => throw new ArgumentOutOfRangeException(nameof(origin), origin, "not an origin"),
        };
        if (offset < -start)
        {
            throw new IOException($"a seek to {start} {offset} would end before the beginning of '{_container.Name}'");
        }

        return Position = checked(start + offset);
    }

    /// <summary>Makes the container longer or shorter (<see cref="Container.Resize"/>).</summary>
    public override void SetLength(long value)
    {
        ThrowUnlessWritable();
        _container.Resize(value);
    }

    /// <summary>Does nothing: nothing is buffered here, and only a snapshot makes bytes durable.</summary>
    public override void Flush() => ObjectDisposedException.ThrowIf(_isDisposed, this);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _isDisposed = true;
        base.Dispose(disposing);
    }

    private void Grow(int count)
    {
        ThrowUnlessWritable();
        if (count > 0 && _position > _container.Length - count)
        {
            _container.Resize(checked(_position + count));
        }
    }

    private void ThrowUnlessWritable()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_access != Access.Write)
        {
            throw new NotSupportedException($"the stream over container '{_container.Name}' was opened for reading");
        }
    }
}

using Runtime.Core;
using Runtime.Core.Disks;
using Runtime.Stores.Disks.Linux;

namespace Runtime.Stores.Disks;

/// <summary>A disk in one file.</summary>
/// <remarks>
/// Thread safe. Flush is our own: <c>RandomAccess.FlushToDisk</c> and <c>FileStream.Flush(true)</c> of .NET report
/// success when the system reports failure.
/// </remarks>
public sealed class FileDisk : IDisk
{
    private const string ReadCall = "read";
    private const string WriteCall = "write";

    private static readonly byte[] s_zeroes = new byte[64 << 10];

    private readonly IFile _file;
    private readonly string _path;
    private long _length;
    private volatile VolumeException? _failedFlush;

    internal FileDisk(IFile file, string path, bool isReadOnly)
    {
        _file = file;
        _path = path;
        IsReadOnly = isReadOnly;
        try
        {
            _length = file.Length;
        }
        catch (IOException e)
        {
            throw DiskErrors.For("fstat", path, e);
        }
        catch (NotSupportedException e)
        {
            throw new VolumeException(Status.IoError, $"'{path}' is not a file", e);
        }
    }

    /// <inheritdoc/>
    /// <remarks>
    /// A last block of which only a part is there counts, and reads as if zeroes followed. Opened for reading, the disk
    /// follows a file that another opener makes longer.
    /// </remarks>
    public long BlockCount
    {
        get
        {
            if (IsReadOnly && !_file.IsClosed)
            {
                InterlockedMax(ref _length, _file.Length);
            }

            return KnownBlockCount;
        }
    }

    /// <inheritdoc/>
    public bool IsReadOnly { get; }

    /// <summary>Opens a file as a disk; a new one is its owner's only. Symbolic links are refused.</summary>
    /// <param name="path">The file.</param>
    /// <param name="create">
    /// Whether it is created, empty, if absent; its name is durable then when this returns.
    /// </param>
    /// <param name="isReadOnly">Whether writes are refused.</param>
    public static FileDisk Open(string path, bool create = false, bool isReadOnly = false)
    {
        bool isNew = create && !File.Exists(path);
        var file = new SystemFile(DiskFile.Open(path, create, isReadOnly));
        try
        {
            if (isNew)
            {
                SystemFiles.Instance.FlushDirectory(
                    directory: null, Path.GetDirectoryName(Path.GetFullPath(path)) ?? path);
            }

            return new FileDisk(file, path, isReadOnly);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void ReadBlocks(BlockNumber first, Span<byte> destination)
    {
        long offset = CheckedOffset(first, destination.Length);
        long end = first.Value + (destination.Length / IDisk.BlockSize);
        if (end > KnownBlockCount && end > BlockCount)
        {
            throw new VolumeException(
                Status.OutOfRange, $"read '{_path}' at block {first} reaches beyond its {BlockCount} blocks");
        }

        try
        {
            // The system may return less than was asked for; only at the end of the file does it return nothing.
            while (destination.Length > 0)
            {
                int count = _file.Read(offset, destination);
                if (count == 0)
                {
                    destination.Clear();
                    return;
                }

                destination = destination[count..];
                offset += count;
            }
        }
        catch (IOException e)
        {
            throw DiskErrors.For(ReadCall, _path, e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw DiskErrors.For(ReadCall, _path, number: 0, e);
        }
    }

    /// <inheritdoc/>
    public void WriteBlocks(BlockNumber first, ReadOnlySpan<byte> source)
    {
        long offset = CheckedOffset(first, source.Length);
        if (IsReadOnly)
        {
            throw new VolumeException(Status.PermissionDenied, $"write '{_path}': it is open for reading only");
        }

        try
        {
            for (int done = 0; done < source.Length;)
            {
                int count = _file.Write(offset + done, source[done..]);
                done += count > 0 ? count : throw new IOException("the system accepted nothing");
            }
        }
        catch (IOException e)
        {
            throw DiskErrors.For(WriteCall, _path, e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw DiskErrors.For(WriteCall, _path, number: 0, e);
        }

        InterlockedMax(ref _length, offset + source.Length);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Linux: <c>fallocate</c>, where the file system has it, and then zeroes: into blocks that were only allocated a
    /// write is one of the file's extents, too, which the next flush waits for (fallocate(2), ext4's unwritten
    /// extents). Windows: the length, which NTFS backs with clusters.
    /// </remarks>
    public void Allocate(BlockNumber first, long count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(first.Value, BlockCount);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        long offset = CheckedOffset(first, byteLength: 0);
        long end = checked(offset + (count * IDisk.BlockSize));
        if (IsReadOnly)
        {
            throw new VolumeException(Status.PermissionDenied, $"extend '{_path}': it is open for reading only");
        }

        if (OperatingSystem.IsWindows())
        {
            SetLength(end);
        }
        else
        {
            Fallocate(offset, end - offset);
            WriteZeroes(offset, end);
        }

        InterlockedMax(ref _length, end);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// After a failure every later flush fails, too: the system may have dropped what it could not write.
    /// </remarks>
    public void Flush()
    {
        ObjectDisposedException.ThrowIf(_file.IsClosed, this);
        if (_failedFlush is { } failure)
        {
            throw new VolumeException(failure.Status, failure.Message, failure);
        }

        if (!IsReadOnly && FlushFile() is { } failed)
        {
            _failedFlush = failed;
            throw failed;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private long KnownBlockCount => (Volatile.Read(ref _length) + IDisk.BlockSize - 1) / IDisk.BlockSize;

    private void SetLength(long length)
    {
        try
        {
            _file.SetLength(length);
        }
        catch (IOException e)
        {
            throw DiskErrors.For("SetEndOfFile", _path, e);
        }
    }

    private void Fallocate(long offset, long byteLength)
    {
        int error;
        do
        {
            error = _file.Allocate(offset, byteLength);
        }
        while (error == LibC.EINTR);

        if (error is not (0 or LibC.EOPNOTSUPP))
        {
            throw DiskErrors.For("fallocate", _path, error);
        }
    }

    private void WriteZeroes(long offset, long end)
    {
        for (; offset < end; offset += s_zeroes.Length)
        {
            int count = (int)Math.Min(s_zeroes.Length, end - offset);
            WriteBlocks(new BlockNumber(offset / IDisk.BlockSize), s_zeroes.AsSpan(0, count));
        }
    }

    private VolumeException? FlushFile() =>
        _file.Flush() is not 0 and int error ? DiskErrors.For(SystemFile.FlushCall, _path, error) : null;

    private long CheckedOffset(BlockNumber first, int byteLength)
    {
        ObjectDisposedException.ThrowIf(_file.IsClosed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(first.Value);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first.Value, (long.MaxValue - byteLength) / IDisk.BlockSize);
        if (byteLength % IDisk.BlockSize != 0)
        {
            throw new ArgumentException($"{byteLength} bytes are no whole number of blocks.", nameof(byteLength));
        }

        return first.Value * IDisk.BlockSize;
    }

    private static void InterlockedMax(ref long target, long value)
    {
        long seen = Volatile.Read(ref target);
        while (value > seen)
        {
            long before = Interlocked.CompareExchange(ref target, value, seen);
            if (before == seen)
            {
                return;
            }

            seen = before;
        }
    }
}

using Microsoft.Win32.SafeHandles;
using Runtime.Core;

namespace Runtime.Stores.Managers;

/// <summary>A file that is shown as a container, and must stay what it was when it was opened.</summary>
internal sealed class OpenedFile : OpenedContainer
{
    private readonly SafeFileHandle _handle;
    private readonly string _path;
    private readonly DateTime _lastWrite;

    public OpenedFile(string path)
    {
        _path = path;
        try
        {
            _handle = File.OpenHandle(
                path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.RandomAccess);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new KernelException(
                failure switch
                {
                    FileNotFoundException or DirectoryNotFoundException => Status.ContainerGone,
                    UnauthorizedAccessException => Status.PermissionDenied,
                    _ => Status.IoError,
                },
                $"file '{path}' cannot be opened: {failure.Message}",
                failure);
        }

        try
        {
            _lastWrite = File.GetLastWriteTimeUtc(_handle);
            Length = RandomAccess.GetLength(_handle);
        }
        catch (Exception failure) when (failure is IOException or NotSupportedException)
        {
            _handle.Dispose();
            throw new KernelException(
                Status.NotSupported, $"file '{path}' has no length, or its bytes no offsets", failure);
        }
    }

    public override long Length { get; }

    public override StateInterval NextInterval => new(1);

    public override void ReadPages(PageNumber first, Span<byte> destination)
    {
        long offset = (long)first.Value * PageNumber.Size;
        Span<byte> wanted = destination[..(int)Math.Clamp(Length - offset, 0, destination.Length)];
        try
        {
            while (wanted.Length > 0)
            {
                int count = RandomAccess.Read(_handle, wanted, offset);
                if (count == 0)
                {
                    throw Changed();                                // it is shorter
                }

                wanted = wanted[count..];
                offset += count;
            }

            // Looked at behind the bytes, so that what was read before a change passes, and nothing after it.
            if (RandomAccess.GetLength(_handle) != Length || File.GetLastWriteTimeUtc(_handle) != _lastWrite)
            {
                throw Changed();
            }
        }
        catch (IOException failure)
        {
            throw new KernelException(
                Status.IoError, $"file '{_path}' cannot be read at offset {offset}: {failure.Message}", failure);
        }
    }

    public override void Dispose() => _handle.Dispose();

    private KernelException Changed() => new(
        Status.IoError, $"file '{_path}' has changed since it was opened; close the container and open it again");
}

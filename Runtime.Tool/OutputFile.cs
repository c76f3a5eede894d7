using Runtime.Stores.Disks;

namespace Runtime.Tool;

/// <summary>A file that appears under its name complete or not at all.</summary>
internal static class OutputFile
{
    internal static async Task WriteAsync(string path, Func<Stream, Task> write, CancellationToken cancellationToken)
    {
        if (Directory.Exists(path))
        {
            throw new RefusedException($"'{path}' is a directory");
        }

        // A link stays a link: what it points to is replaced.
        var named = new FileInfo(path);
        string target = named.LinkTarget is null ? named.FullName : named.ResolveLinkTarget(true)!.FullName;
        if (IsDevice(target))
        {
            await using FileStream device = Open(target, FileMode.Open);
            await write(device);
            return;
        }

        string directory = Path.GetDirectoryName(target)!;
        if (!Directory.Exists(directory))
        {
            throw new RefusedException($"there is no directory '{directory}'");
        }

        string temporary = Path.Combine(
            directory, $".{Path.GetFileName(target)}.{Path.GetRandomFileName()}.tmp");
        try
        {
            await using (FileStream file = Open(temporary, FileMode.CreateNew))
            {
                await write(file);

                // Otherwise a power cut may leave the new name on a file without its bytes.
                FileFlush.ToDisk(file.SafeFileHandle, temporary);
            }

            cancellationToken.ThrowIfCancellationRequested();
            File.Move(temporary, target, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private static FileStream Open(string path, FileMode mode) =>
        new(path, mode, FileAccess.Write, FileShare.Read, bufferSize: 0);

    /// <summary>Renaming a file over a device or a pipe would destroy it.</summary>
    private static bool IsDevice(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return path.StartsWith(@"\\.\", StringComparison.Ordinal);
        }

        return path.StartsWith("/dev/", StringComparison.Ordinal)
            && !path.StartsWith("/dev/shm/", StringComparison.Ordinal);
    }
}

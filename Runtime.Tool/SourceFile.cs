namespace Runtime.Tool;

/// <summary>A file to import.</summary>
internal static class SourceFile
{
    /// <summary>Opens a regular file for reading from start to end.</summary>
    internal static FileStream Open(string path)
    {
        if (Directory.Exists(path))
        {
            throw new RefusedException($"'{path}' is a directory");
        }

        if (!File.Exists(path))
        {
            throw new RefusedException($"there is no file '{path}'");
        }

        // Others may go on writing it, logs for instance; a change of length is noticed while copying.
        const FileShare Others = FileShare.ReadWrite | FileShare.Delete;
        var file = new FileStream(
            path, FileMode.Open, FileAccess.Read, Others, bufferSize: 0, FileOptions.SequentialScan);
        if (!file.CanSeek)
        {
            file.Dispose();
            throw new RefusedException($"'{path}' is not a regular file: its length is not known beforehand");
        }

        return file;
    }
}

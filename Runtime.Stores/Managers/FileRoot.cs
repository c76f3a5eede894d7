using System.Buffers;
using Runtime.Core;

namespace Runtime.Stores.Managers;

/// <summary>The directory that names are taken from, and do not lead out of.</summary>
internal sealed class FileRoot
{
    private static readonly SearchValues<char> s_refused =
        SearchValues.Create([.. Path.GetInvalidFileNameChars(), '\\', ':']);

    private readonly string _root;

    public FileRoot(string root)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        _root = Path.GetFullPath(root);
    }

    /// <exception cref="KernelException">
    /// <see cref="Status.PermissionDenied"/> if the name leads elsewhere.
    /// </exception>
    public string Find(string name)
    {
        string path = _root;
        foreach (string part in name.Split('/'))
        {
            if (part is "" or "." or ".." || part.AsSpan().ContainsAny(s_refused))
            {
                throw new KernelException(
                    Status.PermissionDenied, $"'{name}' is no path of a file below '{_root}', with slashes between");
            }

            path = Path.Combine(path, part);
            if (new FileInfo(path).LinkTarget is not null)
            {
                throw new KernelException(
                    Status.PermissionDenied, $"'{path}' is a link, and could lead out of '{_root}'");
            }
        }

        return path;
    }
}

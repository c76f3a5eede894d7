using Runtime.Core;
using Runtime.Core.Storage;

namespace Runtime.Stores.Managers;

/// <summary>Shows files as containers, for reading, without importing them.</summary>
/// <remarks>
/// Thread safe. Pages are read from the file as they are touched. A file that has another length or another time of its
/// last write than when it was opened is refused from then on: faults fail with <see cref="Status.IoError"/>.
/// </remarks>
public sealed class FileManager : SourceManager
{
    private readonly Func<string, string> _find;

    /// <summary>Shows the files below a directory; a container's name is the path from there.</summary>
    /// <remarks>
    /// Names with an empty part, <c>.</c> or <c>..</c> and symbolic links on the way are
    /// <see cref="Status.PermissionDenied"/>. That is looked at when a container is opened, so whoever may change the
    /// directory meanwhile is trusted.
    /// </remarks>
    public FileManager(string root, SourceOptions? options = null)
        : this(new FileRoot(root).Find, options)
    {
    }

    /// <summary>Shows the files to which a function leads, wherever they are.</summary>
    /// <param name="find">From a container's name to a path, which is opened as it is.</param>
    /// <param name="options">How pages are brought in.</param>
    public FileManager(Func<string, string> find, SourceOptions? options = null)
        : base(options ?? new SourceOptions())
    {
        ArgumentNullException.ThrowIfNull(find);
        _find = find;
    }

    private protected override OpenedContainer Open(ContainerRecord container) =>
        new OpenedFile(_find(container.Name));
}

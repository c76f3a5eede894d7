using System.Runtime.ExceptionServices;

namespace Runtime.Stores.Volumes;

/// <summary>Drafts that one caller wants to be committed, all or none, and what became of them.</summary>
/// <remarks>Guarded by the <see cref="CommitGroup"/>, and whoever leads it.</remarks>
internal sealed class CommitRequest(IReadOnlyCollection<VersionDraft> drafts, DateTimeOffset time)
{
    private ExceptionDispatchInfo? _failure;

    public IReadOnlyCollection<VersionDraft> Drafts => drafts;

    public DateTimeOffset Time => time;

    /// <summary>Once it has succeeded: the versions, in the order of the drafts, open for reading.</summary>
    public IReadOnlyList<VersionMap>? Versions { get; private set; }

    public bool HasEnded => Versions is not null || _failure is not null;

    public void Complete(IReadOnlyList<VersionMap> versions) => Versions = versions;

    public void Fail(Exception failure) => _failure = ExceptionDispatchInfo.Capture(failure);

    public void ThrowIfFailed() => _failure?.Throw();
}

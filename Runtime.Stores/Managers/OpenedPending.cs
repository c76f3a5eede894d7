using System.Collections.Immutable;
using Runtime.Core;

namespace Runtime.Stores.Managers;

/// <summary>A version that was not saved yet when it was opened, and may be saved meanwhile.</summary>
internal sealed class OpenedPending : OpenedContainer
{
    private readonly ImmutableList<PendingVersion> _versions;       // it and those below it, newest first
    private int _isDisposed;

    public OpenedPending(OpenedWriter writer, PendingVersion version)
    {
        ImmutableList<PendingVersion> pending = writer.Pending;
        _versions = [.. pending.Take(pending.IndexOf(version) + 1).Reverse()];
        version.AddReader();
    }

    public override long Length => _versions[0].Info.Length;

    public override StateInterval NextInterval => _versions[0].Interval.Next;

    public override void ReadPages(PageNumber first, Span<byte> destination)
    {
        for (int i = 0; i < destination.Length / PageNumber.Size; i++)
        {
            Read(new PageNumber(first.Value + (ulong)i), destination.Slice(i * PageNumber.Size, PageNumber.Size));
        }
    }

    public override void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            _versions[0].RemoveReader();
        }
    }

    private void Read(PageNumber page, Span<byte> destination)
    {
        foreach (PendingVersion version in _versions)
        {
            if (version.TryRead(page, destination))
            {
                return;
            }
        }

        // Below the oldest there is a version that was saved.
        _versions[^1].Draft.ReadPage(page, destination);
    }
}

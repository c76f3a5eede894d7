using Runtime.Core;
using Runtime.Stores.Volumes;

namespace Runtime.Stores.Managers;

/// <summary>A version that is saved, which nobody writes.</summary>
internal sealed class OpenedVersion(VersionMap map) : OpenedContainer
{
    public override long Length => map.Length;

    public override StateInterval NextInterval => map.Interval.Next;

    public override void ReadPages(PageNumber first, Span<byte> destination) => map.ReadPages(first, destination);

    public override void Dispose() => map.Dispose();
}

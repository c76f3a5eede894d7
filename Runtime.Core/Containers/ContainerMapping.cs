namespace Runtime.Core.Containers;

/// <summary>A range of one container that is shown in another.</summary>
/// <param name="Offset">Where it begins in the host; a multiple of 64 KiB.</param>
/// <param name="Source">Whose bytes they are; when it is closed, accesses fail and the mapping stays.</param>
/// <param name="SourceOffset">Where they begin there; a multiple of 64 KiB.</param>
/// <param name="Length">Bytes; a multiple of 64 KiB.</param>
/// <param name="Access">What the mapping allows.</param>
public sealed record ContainerMapping(long Offset, Container Source, long SourceOffset, long Length, Access Access)
{
    /// <summary>Offsets and lengths of mappings are multiples of so many bytes, on every system.</summary>
    public const int Granularity = 64 << 10;

    internal long FirstPage => Offset / PageNumber.Size;

    internal long EndPage => (Offset + Length) / PageNumber.Size;

    internal bool Overlaps(long offset, long length) => Offset < offset + length && offset < Offset + Length;

    internal bool IsWithin(long offset, long length) => Offset >= offset && Offset + Length <= offset + length;
}

using System.IO.MemoryMappedFiles;
using Runtime.Bench.Reports;
using Runtime.Core;

namespace Runtime.Bench.Reads;

/// <summary>A memory-mapped file, read by pointer, which is the fastest way there is to it.</summary>
internal sealed unsafe class MappedSide(string path) : ReadSide(Peers.Mapped, path)
{
    private MemoryMappedFile? _file;
    private MemoryMappedViewAccessor? _accessor;
    private byte* _start;

    internal override void Open()
    {
        _file = MemoryMappedFile.CreateFromFile(
            Path, FileMode.Open, mapName: null, capacity: 0, MemoryMappedFileAccess.Read);
        _accessor = _file.CreateViewAccessor(offset: 0, size: 0, MemoryMappedFileAccess.Read);
        _accessor.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
    }

    internal override void Read(long page, Span<byte> destination) =>
        new ReadOnlySpan<byte>(_start + (page * PageNumber.Size), PageNumber.Size).CopyTo(destination);

    public override void Dispose()
    {
        if (_accessor is not null)
        {
            _accessor.SafeMemoryMappedViewHandle.ReleasePointer();
            _accessor.Dispose();
            _file!.Dispose();
            _accessor = null;
        }
    }
}

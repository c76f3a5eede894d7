using System.IO.MemoryMappedFiles;
using Runtime.Bench.Reports;
using Runtime.Bench.Storage;
using Runtime.Core;

namespace Runtime.Bench.Snapshots;

/// <summary>A memory-mapped file, flushed in place: no version is kept, a crash meanwhile leaves a mixture.</summary>
internal sealed unsafe class MappedSide : DirtySide
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _accessor;
    private readonly byte* _start;

    internal MappedSide(string path, SnapshotPlan plan)
        : base(Peers.Flush)
    {
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.Create, mapName: null, plan.Length);
        _accessor = _file.CreateViewAccessor();
        _accessor.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
        for (long offset = 0; offset < plan.Length; offset += PageNumber.Size)
        {
            *(long*)(_start + offset) = 1;
        }

        _accessor.Flush();
    }

    internal override void Write(long[] pages, long value)
    {
        foreach (long page in pages)
        {
            *(long*)(_start + (page * PageNumber.Size)) = value;
        }
    }

    internal override Saved Save(long[] pages) => new(CutNs: null, Timing.Measure(_accessor.Flush), Bytes: null);

    public override void Dispose()
    {
        _accessor.SafeMemoryMappedViewHandle.ReleasePointer();
        _accessor.Dispose();
        _file.Dispose();
    }
}

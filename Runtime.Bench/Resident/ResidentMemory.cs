using System.IO.MemoryMappedFiles;
using BenchmarkDotNet.Attributes;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Stores;

namespace Runtime.Bench.Resident;

/// <summary>
/// The same bytes three times: in an array, in a memory-mapped file and in a container, all of them resident.
/// </summary>
/// <remarks>
/// As small as a first-level cache and its translations, so that the access is measured and not the memory.
/// </remarks>
public abstract class ResidentMemory : IDisposable
{
    /// <summary>The bytes of each.</summary>
    protected const int Bytes = 16 * 1024;

    private readonly string _volume = Path.Combine(Path.GetTempPath(), $"katydid-bench-{Guid.NewGuid():N}");
    private MemoryMappedFile? _file;
    private Kernel? _kernel;
    private Container? _container;

    /// <summary>What any .NET program has.</summary>
    protected long[] Array { get; } = [.. Enumerable.Range(0, Bytes / sizeof(long)).Select(index => (long)index)];

    /// <summary>What .NET has today for memory beyond the heap.</summary>
    protected MemoryMappedViewAccessor Accessor { get; private set; } = null!;

    /// <summary>What Katydid has.</summary>
    protected ContainerView View { get; private set; } = null!;

    /// <summary>Opens the memory-mapped file.</summary>
    protected void OpenMemoryMappedFile()
    {
        _file = MemoryMappedFile.CreateNew(mapName: null, Bytes);
        Accessor = _file.CreateViewAccessor();
        Accessor.WriteArray(0, Array, 0, Array.Length);
    }

    /// <summary>Opens the container.</summary>
    protected void OpenContainer()
    {
        _kernel = Kernel.Boot(new KernelOptions { Volume = _volume, SnapshotOnDispose = false });
        _container = _kernel.OpenContainer("bench", Bytes);
        View = _container.View;
        for (int index = 0; index < Array.Length; index++)
        {
            View.Write(index * sizeof(long), Array[index]);
        }
    }

    /// <summary>Closes what was opened.</summary>
    [GlobalCleanup]
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc cref="Dispose()"/>
    protected virtual void Dispose(bool disposing)
    {
        Accessor?.Dispose();
        _file?.Dispose();
        _container?.Dispose();
        _kernel?.Dispose();
        if (Directory.Exists(_volume))
        {
            Directory.Delete(_volume, recursive: true);
        }
    }
}

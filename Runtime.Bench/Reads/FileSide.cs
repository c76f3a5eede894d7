using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Storage;
using Runtime.Native;
using Runtime.Stores.Managers;

namespace Runtime.Bench.Reads;

/// <summary>The peers' file as a container, without import.</summary>
internal sealed class FileSide(string path, TrapEngine engine, long budget, bool isSingle) : ReadSide("Katydid", path)
{
    internal const string SinglePages = "file manager, single pages";

    private Kernel? _kernel;
    private Container? _container;

    internal override string Way => isSingle ? SinglePages : "file manager";

    internal override string Engine => engine.Name;

    internal override void Open()
    {
        var options = new KernelOptions
        {
            Engine = engine,
            MemoryBudget = budget,
            OpenVolume = () => new MemoryVolume(),
            DefaultManager = "file",
        };
        options.Managers.Add("file", () => new FileManager(
            _ => Path, isSingle ? new SourceOptions { TransferUnit = 1, ReadAhead = 0 } : new SourceOptions()));
        _kernel = Kernel.Boot(options);
        _container = _kernel.OpenContainer("flat", length: 0);
    }

    internal override void Read(long page, Span<byte> destination) =>
        _container!.View.Read(page * PageNumber.Size, destination);

    public override void Dispose()
    {
        _kernel?.Dispose();
        _kernel = null;
    }
}

using Runtime.Core.Capabilities;
using Runtime.Core.Loci;
using Runtime.Core.Storage;

namespace Runtime.Core.Containers;

/// <summary>
/// What the kernel knows of a container whether it is open or not: its groups, its table, its invocation point, and who
/// executes in it.
/// </summary>
internal sealed partial class ContainerEntity(Kernel kernel, ContainerRecord record) : Entity(record.Id)
{
    private volatile EntryPoint? _entry;
    private volatile string? _entryName;
    private volatile Container? _open;

    internal override EntityType Type => EntityType.Container;

    internal Kernel Kernel => kernel;

    internal ContainerRecord Record { get; set; } = record;

    internal CapabilityTable Table { get; } = new();

    /// <summary>Who executes here.</summary>
    internal Turnstile Turns { get; } = new();

    /// <summary>The open container, if it is open.</summary>
    internal Container? Open
    {
        get => _open;
        set => _open = value;
    }

    /// <summary>
    /// The code at its invocation point; null if there is none, or none of that name in this process.
    /// </summary>
    internal EntryPoint? Entry => _entry;

    /// <summary>The name of the code at its invocation point, which may not be registered.</summary>
    internal string? EntryName => _entryName;

    internal void SetEntry(string? name, EntryPoint? entry)
    {
        _entryName = name;
        _entry = entry;
        NoteChange();
    }
}

using System.Collections.Immutable;
using Runtime.Core.Containers;

namespace Runtime.Core.Memory;

/// <summary>The ranges of other containers that are shown in this one.</summary>
internal sealed partial class ContainerMemory
{
    /// <summary>In all its windows, ascending; changed by <see cref="MappingGraph"/>.</summary>
    internal ImmutableArray<ContainerMapping> Mappings { get; set; } = [];

    /// <summary>The mappings of all containers of the kernel.</summary>
    internal MappingGraph Graph => _resident.Mappings;

    /// <summary>Where the last mapping ends, its own or a window's: it becomes no shorter than that.</summary>
    internal long EndOfMappings => Mappings
        .Concat(Windows.All.SelectMany(window => window.Mappings))
        .Select(mapping => mapping.Offset + mapping.Length)
        .DefaultIfEmpty()
        .Max();
}

using Runtime.Core.Containers;

namespace Runtime.Core.Loci;

/// <summary>A range of a container that one invocation sees in its host, and nobody else.</summary>
internal sealed record PrivateMapping(
    ulong Offset, ContainerEntity Source, ulong SourceOffset, ulong Length, Access Access);

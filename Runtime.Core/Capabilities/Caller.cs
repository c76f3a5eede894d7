using Runtime.Core.Containers;
using Runtime.Core.Loci;

namespace Runtime.Core.Capabilities;

/// <summary>Whose capabilities a call may use: those of a table of its own and those of its host container.</summary>
internal abstract class Caller
{
    /// <summary>What <see cref="CapRefType.Locus"/> looks into.</summary>
    internal abstract CapabilityTable Table { get; }

    /// <summary>Where the caller executes now; null for the host program, which executes in no container.</summary>
    internal abstract ContainerEntity? Host { get; }

    /// <returns>The table, or null if the CapRef is malformed or there is no such table here.</returns>
    internal CapabilityTable? TableOf(CapRef reference) => reference switch
    {
        { Index: >= CapRef.TableSize } => null,
        { Type: CapRefType.Locus } => Table,
        { Type: CapRefType.Container } => Host?.Table,
        _ => null,
    };

    /// <summary>Finds a capability for an entity of a type, with a right, in the order in which calls check.</summary>
    internal Status Find(CapRef reference, EntityType type, KernelRights needed, out PermissionGroup? found)
    {
        found = TableOf(reference)?.Find(reference.Index);
        return found is null ? Status.InvalidCapRef
            : found.Entity.Type != type ? Status.WrongEntityType
            : (found.Rights & needed) != needed ? Status.PermissionDenied
            : Status.Success;
    }

    /// <summary>Whether the container that a capability names may be invoked, and at which code.</summary>
    internal Status FindTarget(CapRef reference, out PermissionGroup? group, out EntryPoint? entry)
    {
        entry = null;
        Status status = Find(reference, EntityType.Container, KernelRights.Invoke, out group);
        if (status != Status.Success)
        {
            return status;
        }

        var target = (ContainerEntity)group!.Entity;
        entry = target.Entry;
        return entry is not null ? Status.Success
            : target.EntryName is null ? Status.NoInvocationPoint
            : Status.NotRegistered;
    }
}

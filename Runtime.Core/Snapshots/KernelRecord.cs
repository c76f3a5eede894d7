using Runtime.Core.Containers;
using Runtime.Core.Storage;

namespace Runtime.Core.Snapshots;

/// <summary>The kernel's own record of a container at a cut; it is durable before the version is.</summary>
internal sealed class KernelRecord(
    KernelStore store, ContainerEntity entity, StateInterval interval, long changes, ContainerState state)
{
    /// <summary>
    /// Has the log keep it, unless that is what the newest record says already. Of a container without a manager the
    /// records are all the versions there are, so each is kept.
    /// </summary>
    internal void Save()
    {
        byte[] encoded = state.Encode();
        if (entity.Record.IsUnmanaged || !store.Keeps(entity.Id, encoded))
        {
            store.Save(entity.Id, interval, encoded);
        }

        entity.NoteSaved(changes, state.Loci.Count > 0);
    }
}

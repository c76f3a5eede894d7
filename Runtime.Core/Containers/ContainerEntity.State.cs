using Runtime.Core.Loci;
using Runtime.Core.Storage;

namespace Runtime.Core.Containers;

/// <content>What the kernel's log keeps of it.</content>
internal sealed partial class ContainerEntity
{
    private long _changes;
    private long _savedChanges;
    private volatile bool _savedLoci;

    /// <summary>Grows with every change of what the kernel's log has to say of it, but for loci.</summary>
    internal long Changes => Interlocked.Read(ref _changes);

    /// <summary>Whether the log does not say what is.</summary>
    internal bool HasUnsavedState => kernel.Store.IsDurable
        && (Changes != Interlocked.Read(ref _savedChanges) || _savedLoci || kernel.HostsLoci(this));

    internal override void NoteChange() => Interlocked.Increment(ref _changes);

    /// <summary>The log keeps what was after so many changes.</summary>
    internal void NoteSaved(long changes, bool hasLoci)
    {
        Interlocked.Exchange(ref _savedChanges, changes);
        _savedLoci = hasLoci;
    }

    /// <summary>What the log is to keep; no locus executes here.</summary>
    internal ContainerState Capture()
    {
        lock (kernel.Capabilities.Lock)
        {
            return new ContainerState(
                EntryName,
                [.. GroupsUnsynchronized.Select(group => new GroupState(
                    group.Number, (group.Parent ?? group).Number, group.Rights, group.UserRights))],
                Table.Capture(),
                [.. kernel.LociIn(this).Select(locus => locus.Capture()).OfType<LocusRecord>()]);
        }
    }

    /// <summary>Begins with the groups and the invocation point of an earlier life.</summary>
    /// <exception cref="VolumeException">A group has a number that was never given out, and would be.</exception>
    internal void LoadGroups(ContainerState state, Func<string, EntryPoint?> findEntry)
    {
        foreach (GroupState group in state.Groups)
        {
            if (group.Number >= kernel.Store.EndOfNumbers)
            {
                throw RecordReader.Damage($"has a group {group.Number}, a number that was never given out");
            }

            if (group.Parent == group.Number)
            {
                if (group.Number != Master.Number)
                {
                    RenewMasterUnsynchronized(group.Number);
                }
            }
            else if (FindGroupUnsynchronized(group.Number) is null)
            {
                FindGroupUnsynchronized(group.Parent)
                    ?.AddChildUnsynchronized(group.Number, group.Rights, group.UserRights);
            }
        }

        if (state.Groups.Count == 0)
        {
            Master.DeleteUnsynchronized();                          // a holder has deleted it
        }

        SetEntry(state.Entry, state.Entry is null ? null : findEntry(state.Entry));
    }

    /// <summary>Begins with the table of an earlier life: of what is gone, its slots are empty.</summary>
    internal void LoadTable(ContainerState state, Func<ulong, ContainerEntity?> find)
    {
        Table.LoadUnsynchronized(state.Slots, find);
        NoteSaved(Changes, state.Loci.Count > 0);
    }
}

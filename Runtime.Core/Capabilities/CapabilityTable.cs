using System.Numerics;
using Runtime.Core.Containers;
using Runtime.Core.Storage;

namespace Runtime.Core.Capabilities;

/// <summary>Slots that hold capabilities: a capability is the permission group to which it is bound.</summary>
/// <remarks>Read by anybody at any time; written under the lock of the <see cref="CapabilitySpace"/>.</remarks>
internal sealed class CapabilityTable
{
    private const int FirstSize = 8;

    private PermissionGroup?[] _slots = [];
    private HashSet<uint>? _reserved;                                // kept for their owners, whatever is in them
    private uint _next;                                             // where a free slot is looked for first

    /// <summary>Whether nothing was ever put into it since it was cleared.</summary>
    internal bool IsClear => Volatile.Read(ref _slots).Length == 0;

    /// <summary>The capability in a slot, unless the slot is empty or what it held is worth nothing any more.</summary>
    internal PermissionGroup? Find(uint index)
    {
        PermissionGroup?[] slots = Volatile.Read(ref _slots);
        return index < (uint)slots.Length && slots[index] is { IsDeleted: false } group ? group : null;
    }

    /// <summary>The slots in use.</summary>
    internal IEnumerable<(uint Index, PermissionGroup Group)> All()
    {
        PermissionGroup?[] slots = Volatile.Read(ref _slots);
        for (uint index = 0; index < slots.Length; index++)
        {
            if (slots[index] is { IsDeleted: false } group)
            {
                yield return (index, group);
            }
        }
    }

    /// <summary>Fills a slot, whatever it held before.</summary>
    internal void PutUnsynchronized(uint index, PermissionGroup? group)
    {
        if (index >= (uint)_slots.Length)
        {
            if (group is null)
            {
                return;
            }

            PermissionGroup?[] larger = new PermissionGroup?[Math.Max(FirstSize, 1 << BitsFor(index))];
            _slots.CopyTo(larger, 0);
            Volatile.Write(ref _slots, larger);
        }

        PermissionGroup? before = _slots[index];
        group?.NoteSlotUnsynchronized();
        Volatile.Write(ref _slots[index], group);
        before?.ForgetSlotUnsynchronized();
    }

    /// <summary>Keeps a slot for one owner: even if what it holds is worth nothing any more, it is not free.</summary>
    internal void ReserveUnsynchronized(uint index) => (_reserved ??= []).Add(index);

    internal void ReleaseUnsynchronized(uint index) => _reserved?.Remove(index);

    /// <returns>A slot that holds nothing and is nobody's, or none if all are in use.</returns>
    internal uint? FindFreeUnsynchronized()
    {
        for (uint step = 0; step < CapRef.TableSize; step++)
        {
            uint index = (_next + step) % CapRef.TableSize;
            if (Find(index) is null && _reserved?.Contains(index) != true)
            {
                _next = index + 1;
                return index;
            }
        }

        return null;
    }

    internal void ClearUnsynchronized()
    {
        PermissionGroup?[] slots = _slots;
        Volatile.Write(ref _slots, []);
        foreach (PermissionGroup? group in slots)
        {
            group?.ForgetSlotUnsynchronized();
        }
    }

    /// <summary>What the kernel's log keeps: the slots that name containers.</summary>
    internal IReadOnlyList<SlotState> Capture() =>
    [
        .. All().Where(slot => slot.Group.Entity.Type == EntityType.Container)
            .Select(slot => new SlotState(slot.Index, slot.Group.Entity.Id, slot.Group.Number)),
    ];

    /// <summary>Begins with the slots of an earlier life; those of what is gone are empty.</summary>
    internal void LoadUnsynchronized(IEnumerable<SlotState> slots, Func<ulong, ContainerEntity?> find)
    {
        foreach (SlotState slot in slots)
        {
            if (slot.Index < CapRef.TableSize
                && find(slot.Container)?.FindGroupUnsynchronized(slot.Group) is { } group)
            {
                PutUnsynchronized(slot.Index, group);
            }
        }
    }

    private static int BitsFor(uint index) => 32 - BitOperations.LeadingZeroCount(index);
}

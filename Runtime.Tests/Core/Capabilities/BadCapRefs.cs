using Runtime.Core;
using Runtime.Core.Capabilities;

namespace Runtime.Tests.Core.Capabilities;

/// <summary>
/// Capabilities for a container and a locus that lack something, each to be put at the same slot of every table.
/// </summary>
internal sealed class BadCapRefs
{
    private const uint FirstOfLocus = 50;
    private const uint FirstOfDisk = 150;
    private const uint WithoutAnything = 40;
    private static readonly KernelRights[] s_rights =
        [.. Enum.GetValues<KernelRights>().Where(right => right is not (KernelRights.None or KernelRights.All))];

    private readonly List<(uint Slot, Capability Capability)> _placed = [];

    /// <param name="container">A container that lives, and one that is destroyed by <see cref="Spoil"/>.</param>
    /// <param name="locus">Likewise.</param>
    /// <param name="disk">Likewise.</param>
    /// <param name="other">Another container that lives.</param>
    internal BadCapRefs(
        (Capability Lives, Capability Goes) container,
        (Capability Lives, Capability Goes) locus,
        (Capability Lives, Capability Goes) disk,
        Capability other)
    {
        _placed.Add((CapRefUse.OtherContainer.Index, other));
        Place(0, container.Lives, container.Goes);
        Place(FirstOfLocus, locus.Lives, locus.Goes);
        _placed.Add((CapRefUse.GoodContainer.Index, container.Lives));
        _placed.Add((CapRefUse.GoodLocus.Index, locus.Lives));
        Place(FirstOfDisk, disk.Lives, disk.Goes);
        _placed.Add((CapRefUse.GoodDisk.Index, disk.Lives));
    }

    /// <summary>What is to be put into each table, before <see cref="Spoil"/>.</summary>
    internal IReadOnlyList<(uint Slot, Capability Capability)> Placed => _placed;

    /// <summary>Deletes what is to be deleted.</summary>
    internal void Spoil()
    {
        foreach ((uint slot, Capability capability) in _placed)
        {
            if (slot % FirstOfLocus is 1)
            {
                capability.DestroyGroup();                          // and the group in slot 2, which is below it
            }
        }
    }

    /// <summary>Each CapRef that a call must refuse, and how.</summary>
    internal static IEnumerable<(string Kind, CapRef Reference, Status Expected)> For(CapRefUse use, CapRefType table)
    {
        uint good = use.Type switch { EntityType.Locus => FirstOfLocus, EntityType.Disk => FirstOfDisk, _ => 0 };
        foreach (CapRefType type in (CapRefType[])[(CapRefType)2, (CapRefType)(-1), (CapRefType)int.MinValue])
        {
            yield return ("a table of no type", new CapRef(type, CapRefUse.GoodContainer.Index), Status.InvalidCapRef);
        }

        foreach (uint index in (uint[])[CapRef.TableSize, CapRef.TableSize + good, uint.MaxValue])
        {
            yield return ("a slot beyond the table", new CapRef(table, index), Status.InvalidCapRef);
        }

        if (use.IsSlot)
        {
            yield break;
        }

        yield return ("an empty slot", new CapRef(table, 49), Status.InvalidCapRef);
        yield return ("the last slot, empty", new CapRef(table, CapRef.TableSize - 1), Status.InvalidCapRef);
        foreach (uint first in use.Type is null ? (uint[])[0, FirstOfLocus] : [good])
        {
            yield return ("a deleted group", new CapRef(table, first + 1), Status.InvalidCapRef);
            yield return ("a group below a deleted one", new CapRef(table, first + 2), Status.InvalidCapRef);
            yield return ("an entity that was destroyed", new CapRef(table, first + 3), Status.InvalidCapRef);
            foreach (KernelRights right in s_rights.Where(right => (use.Needed & right) != 0))
            {
                yield return ($"no right to {right}", Without(first, right, table), Status.PermissionDenied);
            }

            if (use.NeedsAnyRight || use.Needed != KernelRights.None)
            {
                yield return ("no right at all", new CapRef(table, first + WithoutAnything), Status.PermissionDenied);
            }
        }

        if (use.Type is not null)
        {
            uint other = use.Type == EntityType.Container ? FirstOfLocus : 0;
            yield return ("another type", new CapRef(table, other), Status.WrongEntityType);
            yield return (
                "another type without rights", new CapRef(table, other + WithoutAnything), Status.WrongEntityType);
        }
    }

    private static CapRef Without(uint first, KernelRights right, CapRefType table) =>
        new(table, first + 10 + (uint)Array.IndexOf(s_rights, right));

    private void Place(uint first, Capability lives, Capability goes)
    {
        Capability deleted = lives.Derive(KernelRights.All);
        _placed.Add((first, lives));
        _placed.Add((first + 1, deleted));
        _placed.Add((first + 2, deleted.Derive(KernelRights.All)));
        _placed.Add((first + 3, goes));
        for (uint right = 0; right < s_rights.Length; right++)
        {
            _placed.Add((first + 10 + right, lives.Derive(KernelRights.All & ~s_rights[right])));
        }

        _placed.Add((first + WithoutAnything, lives.Derive(KernelRights.None, userRights: 0)));
    }
}

namespace Runtime.Core.Capabilities;

/// <summary>What a container has and grants, as it was at some moment.</summary>
/// <param name="Container">The container's name.</param>
/// <param name="InvocationPoint">The name of the code at its invocation point; null for none.</param>
/// <param name="Groups">Its permission groups, parents before children.</param>
/// <param name="Slots">The slots of its table that are in use.</param>
public sealed record CapabilityInfo(
    string Container, string? InvocationPoint, IReadOnlyList<GroupInfo> Groups, IReadOnlyList<SlotInfo> Slots);

/// <summary>A permission group.</summary>
/// <param name="Number">Unique in the container.</param>
/// <param name="Parent">The group below which it stands; null for the one with every right.</param>
/// <param name="Rights">What the kernel lets its holders do.</param>
/// <param name="UserRights">What the invoked code is told.</param>
public sealed record GroupInfo(ulong Number, ulong? Parent, KernelRights Rights, uint UserRights);

/// <summary>A slot of a table.</summary>
/// <param name="Index">Which slot.</param>
/// <param name="Type">What its capability is for.</param>
/// <param name="Entity">The name of the container or disk, or the number of the locus.</param>
/// <param name="Group">To which of its groups the capability is bound.</param>
/// <param name="Rights">What the kernel lets its holder do.</param>
/// <param name="UserRights">What the invoked code is told.</param>
public sealed record SlotInfo(
    uint Index, EntityType Type, string Entity, ulong Group, KernelRights Rights, uint UserRights);

using Runtime.Tests.Stores.Volumes;

namespace Runtime.Tests.Stores.Durability;

/// <summary>What a volume has promised when power goes.</summary>
/// <param name="Reported">What it has reported durable.</param>
/// <param name="Attempted">What it will hold when the change that runs is done.</param>
/// <param name="MayBeAbsent">Whether not even its creation was reported.</param>
internal sealed record CrashPromise(VolumeModel Reported, VolumeModel Attempted, bool MayBeAbsent);

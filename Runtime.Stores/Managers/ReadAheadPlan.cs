namespace Runtime.Stores.Managers;

/// <summary>Pages that will probably be asked for: at equal distances, but for one that is left out.</summary>
/// <param name="First">The first page.</param>
/// <param name="Stride">From each page to the next; not 0, and negative for one who goes backwards.</param>
/// <param name="Count">How many.</param>
/// <param name="Marker">
/// Left out, so that its fault tells when to plan on: what is in memory makes no faults.
/// </param>
internal readonly record struct ReadAheadPlan(long First, long Stride, int Count, long Marker);

using Runtime.Tool.Output;

namespace Runtime.Tool.Faults;

/// <summary>A trap engine of this build, and whether it can work here.</summary>
internal sealed record EngineFact(string Name, bool IsAvailable, string? Reason);

/// <summary>How the process's faults have come in so far.</summary>
internal sealed record TrapCounts(
    long Accessor, long NativeSection, long Managed, long UnmarkedNative, long Retries, long Rescues, long HandedOver);

/// <summary>What the tool asks the trap library, in one place.</summary>
internal static class TrapFacts
{
    internal static IReadOnlyList<EngineFact> Engines() => [];

    internal static TrapCounts Counts() => new(0, 0, 0, 0, 0, 0, 0);

    /// <summary>The counts as one line.</summary>
    internal static string Describe(TrapCounts counts) =>
        $"This process's faults: {Format.Count(counts.Accessor)} by accessors, {Format.Count(counts.NativeSection)} in native " +
        $"sections, {Format.Count(counts.Managed)} by managed pointers, {Format.Count(counts.UnmarkedNative)} by unmarked native " +
        $"code; {Format.Count(counts.Retries, "slice")} of waiting, {Format.Count(counts.Rescues, "rescue")}, " +
        $"{Format.Count(counts.HandedOver)} handed over.";

    internal static IDisposable NativeSection() => new NoSection();

    private sealed class NoSection : IDisposable
    {
        public void Dispose()
        {
        }
    }
}

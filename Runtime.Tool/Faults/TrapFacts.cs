using Runtime.Native;
using Runtime.Tool.Output;

namespace Runtime.Tool.Faults;

/// <summary>A trap engine of this build, and why it cannot work here, if it cannot.</summary>
internal sealed record EngineFact(string Name, bool IsAvailable, string? Reason);

/// <summary>How the process's faults have come in so far, and what had to be done beyond serving them.</summary>
internal sealed record TrapCounts(
    long Accessor, long NativeSection, long Managed, long UnmarkedNative, long Retries, long Rescues, long HandedOver)
{
    /// <inheritdoc/>
    public override string ToString() =>
        $"{Format.Count(Accessor)} by accessors, {Format.Count(NativeSection)} in native sections, " +
        $"{Format.Count(Managed)} by managed pointers, {Format.Count(UnmarkedNative)} by unmarked native code; " +
        $"{Format.Count(Retries, "retry", "retries")}, {Format.Count(Rescues, "rescue")}, " +
        $"{Format.Count(HandedOver)} handed over";
}

/// <summary>What the trap library knows, in the words of this tool's output.</summary>
internal static class TrapFacts
{
    // Whoever reads "Protect" should also learn what there might be, or is elsewhere.
    private static readonly EngineFact[] s_known =
    [
        new("Userfault", false, "only on Linux"),
        new("Protect", false, "only on Linux"),
        new("Vectored", false, "only on Windows"),
    ];

    /// <summary>All engines that there are anywhere; those of this system first, the preferred one foremost.</summary>
    internal static EngineFact[] Engines()
    {
        EngineFact[] here = [.. TrapEngine.All.Select(Describe)];
        return [.. here, .. s_known.ExceptBy(here.Select(engine => engine.Name), engine => engine.Name)];
    }

    private static EngineFact Describe(TrapEngine engine) =>
        new(engine.Name, engine.Unavailable is null, engine.Unavailable);

    /// <summary>Counted since the process began.</summary>
    internal static TrapCounts Counts()
    {
        TrapStatistics counted = Trap.Statistics;
        return new TrapCounts(
            counted.AccessorFaults,
            counted.NativeSectionFaults,
            counted.ManagedFaults,
            counted.UnmarkedNativeFaults,
            counted.Retries,
            counted.Rescues,
            counted.HandedOver);
    }
}

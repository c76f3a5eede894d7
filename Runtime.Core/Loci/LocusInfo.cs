using Runtime.Core.Capabilities;

namespace Runtime.Core.Loci;

/// <summary>A locus, as it was at some moment.</summary>
/// <param name="Id">Unique in its kernel.</param>
/// <param name="State">Whether it executes.</param>
/// <param name="Stack">Its invocations, the outermost first.</param>
/// <param name="Slots">The slots of its own table that are in use.</param>
public sealed record LocusInfo(
    ulong Id, LocusState State, IReadOnlyList<InvocationInfo> Stack, IReadOnlyList<SlotInfo> Slots);

/// <summary>One level of an invocation stack.</summary>
/// <param name="Container">The name of the container where it executes.</param>
/// <param name="Entry">The name of its code.</param>
/// <param name="ResumePoint">Where the code goes on.</param>
/// <param name="ArgumentBytes">The length of the block that it was passed.</param>
public sealed record InvocationInfo(string Container, string Entry, ulong ResumePoint, int ArgumentBytes);

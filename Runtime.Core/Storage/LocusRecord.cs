namespace Runtime.Core.Storage;

/// <summary>
/// A locus in step style between two steps, as the kernel's log keeps it with the container that hosts it.
/// </summary>
/// <param name="Id">Unique in the kernel.</param>
/// <param name="Hops">How often it went from container to container: of two records the one with more is later.</param>
/// <param name="IsSuspended">Whether it rests until it is resumed.</param>
/// <param name="LastStatus">What its last way on came to.</param>
/// <param name="Registers">All of them.</param>
/// <param name="Out">What the last return passed.</param>
/// <param name="Slots">Of its own table, those for containers.</param>
/// <param name="Stack">The outermost invocation first.</param>
internal sealed record LocusRecord(
    ulong Id,
    ulong Hops,
    bool IsSuspended,
    Status LastStatus,
    ulong[] Registers,
    byte[] Out,
    IReadOnlyList<SlotState> Slots,
    IReadOnlyList<InvocationState> Stack)
{
    internal const int LeastSize = 40;

    internal static LocusRecord Read(RecordReader reader) => new(
        reader.UInt64(),
        reader.UInt64(),
        reader.UInt16() != 0,
        (Status)reader.UInt16(),
        reader.List(sizeof(ulong), static reader => reader.UInt64()),
        reader.Block(),
        reader.List(SlotState.Size, SlotState.Read),
        reader.List(InvocationState.LeastSize, InvocationState.Read));

    internal static void Write(RecordWriter writer, LocusRecord locus)
    {
        writer.UInt64(locus.Id);
        writer.UInt64(locus.Hops);
        writer.UInt16(locus.IsSuspended ? (ushort)1 : (ushort)0);
        writer.UInt16((ushort)locus.LastStatus);
        writer.List(locus.Registers, static (writer, register) => writer.UInt64(register));
        writer.Bytes(locus.Out);
        writer.List(locus.Slots, SlotState.Write);
        writer.List(locus.Stack, InvocationState.Write);
    }
}

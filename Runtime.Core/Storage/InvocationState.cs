namespace Runtime.Core.Storage;

/// <summary>One record of an invocation stack, as the kernel's log keeps it.</summary>
internal sealed record InvocationState(
    ulong Host,
    string Entry,
    ulong ResumePoint,
    uint UserRights,
    byte[] In,
    IReadOnlyList<MappingState> Mappings)
{
    internal const int LeastSize = 32;

    internal static InvocationState Read(RecordReader reader) => new(
        reader.UInt64(),
        reader.Text(),
        reader.UInt64(),
        reader.UInt32(),
        reader.Block(),
        reader.List(MappingState.Size, MappingState.Read));

    internal static void Write(RecordWriter writer, InvocationState invocation)
    {
        writer.UInt64(invocation.Host);
        writer.Text(invocation.Entry);
        writer.UInt64(invocation.ResumePoint);
        writer.UInt32(invocation.UserRights);
        writer.Bytes(invocation.In);
        writer.List(invocation.Mappings, MappingState.Write);
    }
}

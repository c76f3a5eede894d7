namespace Runtime.Core.Storage;

/// <summary>A private mapping of an invocation, as the kernel's log keeps it.</summary>
internal readonly record struct MappingState(
    ulong Offset, ulong Source, ulong SourceOffset, ulong Length, Access Access)
{
    internal const int Size = 34;

    internal static MappingState Read(RecordReader reader) => new(
        reader.UInt64(), reader.UInt64(), reader.UInt64(), reader.UInt64(), (Access)reader.UInt16());

    internal static void Write(RecordWriter writer, MappingState mapping)
    {
        writer.UInt64(mapping.Offset);
        writer.UInt64(mapping.Source);
        writer.UInt64(mapping.SourceOffset);
        writer.UInt64(mapping.Length);
        writer.UInt16((ushort)mapping.Access);
    }
}

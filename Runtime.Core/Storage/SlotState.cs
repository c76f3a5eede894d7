namespace Runtime.Core.Storage;

/// <summary>A slot in use, as the kernel's log keeps it: which group of which container it names.</summary>
internal readonly record struct SlotState(uint Index, ulong Container, ulong Group)
{
    internal const int Size = 20;

    internal static SlotState Read(RecordReader reader) => new(reader.UInt32(), reader.UInt64(), reader.UInt64());

    internal static void Write(RecordWriter writer, SlotState slot)
    {
        writer.UInt32(slot.Index);
        writer.UInt64(slot.Container);
        writer.UInt64(slot.Group);
    }
}

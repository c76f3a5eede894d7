using Runtime.Core.Capabilities;

namespace Runtime.Core.Storage;

/// <summary>A permission group, as the kernel's log keeps it; the master's parent is itself.</summary>
internal readonly record struct GroupState(ulong Number, ulong Parent, KernelRights Rights, uint UserRights)
{
    internal const int Size = 24;

    internal static GroupState Read(RecordReader reader) => new(
        reader.UInt64(), reader.UInt64(), (KernelRights)reader.UInt32() & KernelRights.All, reader.UInt32());

    internal static void Write(RecordWriter writer, GroupState group)
    {
        writer.UInt64(group.Number);
        writer.UInt64(group.Parent);
        writer.UInt32((uint)group.Rights);
        writer.UInt32(group.UserRights);
    }
}

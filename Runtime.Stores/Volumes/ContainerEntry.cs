using System.Buffers.Binary;
using Runtime.Core;
using Runtime.Core.Storage;
using static Runtime.Stores.Volumes.Format.Container;

namespace Runtime.Stores.Volumes;

/// <summary>What the catalogue holds of one container.</summary>
internal sealed record ContainerEntry(
    ulong Id,
    string Name,
    string Manager,
    long Length,
    ulong HighestInterval,
    long VersionCount,
    ulong Head,
    TreeRoot Versions)
{
    /// <summary>Whether it was deleted, and stays only for versions of others that descend from its own.</summary>
    public bool IsDeleted { get; init; }

    public ContainerRecord Record => new(Id, Name, Manager, Length) { Newest = new StateInterval(HighestInterval) };

    public static ContainerEntry Create(ulong id, string name, string manager, long length) =>
        new(id, name, manager, length, HighestInterval: 0, VersionCount: 0, Head: 0, Versions: TreeRoot.Empty);

    /// <returns>Null if no writer makes such a block.</returns>
    public static ContainerEntry? Decode(ReadOnlySpan<byte> block)
    {
        int nameLength = BinaryPrimitives.ReadUInt16LittleEndian(block[NameLength..]);
        int managerLength = BinaryPrimitives.ReadUInt16LittleEndian(block[ManagerLength..]);
        if (BinaryPrimitives.ReadUInt32LittleEndian(block[Tag..]) != TagValue
            || nameLength > MaxNameBytes
            || managerLength > MaxNameBytes
            || !ContainerName.TryRead(block.Slice(Format.Container.Name, nameLength), out string name)
            || !ContainerName.TryRead(block.Slice(Format.Container.Manager, managerLength), out string manager)
            || !TreeRoot.TryRead(block[Format.Container.Versions..], out TreeRoot versions))
        {
            return null;
        }

        var entry = new ContainerEntry(
            Id: BinaryPrimitives.ReadUInt64LittleEndian(block[Format.Container.Id..]),
            name,
            manager,
            Length: BinaryPrimitives.ReadInt64LittleEndian(block[Format.Container.Length..]),
            HighestInterval: BinaryPrimitives.ReadUInt64LittleEndian(block[Format.Container.HighestInterval..]),
            VersionCount: BinaryPrimitives.ReadInt64LittleEndian(block[Format.Container.VersionCount..]),
            Head: BinaryPrimitives.ReadUInt64LittleEndian(block[Format.Container.Head..]),
            versions)
        {
            IsDeleted = (BinaryPrimitives.ReadUInt32LittleEndian(block[Flags..]) & Deleted) != 0,
        };
        return entry.IsPossible ? entry : null;
    }

    public byte[] Encode()
    {
        var block = new byte[Format.BlockSize];
        Span<byte> bytes = block;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[Tag..], TagValue);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[Flags..], IsDeleted ? Deleted : 0);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[Format.Container.Id..], Id);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[Format.Container.Length..], Length);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[Format.Container.HighestInterval..], HighestInterval);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[Format.Container.VersionCount..], VersionCount);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[Format.Container.Head..], Head);
        Versions.Write(bytes[Format.Container.Versions..]);
        BinaryPrimitives.WriteUInt16LittleEndian(
            bytes[NameLength..], (ushort)ContainerName.Write(Name, bytes[Format.Container.Name..]));
        BinaryPrimitives.WriteUInt16LittleEndian(
            bytes[ManagerLength..], (ushort)ContainerName.Write(Manager, bytes[Format.Container.Manager..]));
        return block;
    }

    private bool IsPossible =>
        Length is >= 0 and <= Format.MaxLength
        && HighestInterval <= VersionTable.MaxInterval
        && VersionCount >= 0
        && VersionCount <= (long)VersionTable.MaxInterval
        && (VersionCount == 0) == Versions.IsEmpty
        && Head <= HighestInterval
        && (Head == 0) == (IsDeleted || VersionCount == 0);
}

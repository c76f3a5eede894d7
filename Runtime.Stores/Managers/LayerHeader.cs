using System.Buffers.Binary;
using System.Security.Cryptography;
using Runtime.Core;
using Runtime.Core.Containers;
using static Runtime.Stores.Managers.LayerFormat;

namespace Runtime.Stores.Managers;

/// <summary>The first page of a backing container.</summary>
internal sealed class LayerHeader
{
    private LayerHeader(byte[] bytes, bool isNew)
    {
        Bytes = bytes;
        IsNew = isNew;
    }

    public byte[] Bytes { get; }

    /// <summary>Whether nothing was saved yet, the header included.</summary>
    public bool IsNew { get; private set; }

    /// <summary>Drawn when the container came to be; clones have the same.</summary>
    public ReadOnlySpan<byte> Identity => Bytes.AsSpan(Header.Identity, Header.IdentitySize);

    /// <exception cref="KernelException">
    /// <see cref="Status.IoError"/> if it is of another kind, or damaged.
    /// </exception>
    public static LayerHeader Read(Container backing, ushort kind)
    {
        var bytes = new byte[Header.Size];
        backing.View.Read(0, bytes);
        if (!bytes.AsSpan().ContainsAnyExcept((byte)0))
        {
            BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(Header.Magic), Magic);
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(Header.Version), LayerFormat.Version);
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(Header.Kind), kind);
            RandomNumberGenerator.Fill(bytes.AsSpan(Header.Identity, Header.IdentitySize));
            return new LayerHeader(bytes, isNew: true);
        }

        return BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(Header.Magic)) == Magic
            && BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(Header.Version)) == LayerFormat.Version
            && BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(Header.Kind)) == kind
            ? new LayerHeader(bytes, isNew: false)
            : throw new KernelException(
                Status.IoError, $"container '{backing.Name}' does not begin as a layer of this kind and version does");
    }

    /// <summary>Goes along with the first save.</summary>
    public void WriteIfNew(Container backing)
    {
        if (IsNew)
        {
            backing.View.Write(0, Bytes);
        }
    }

    public void NoteSaved() => IsNew = false;
}

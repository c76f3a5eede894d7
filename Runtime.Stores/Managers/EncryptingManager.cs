using System.Security.Cryptography;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Storage;

namespace Runtime.Stores.Managers;

/// <summary>Keeps containers encrypted in those of another manager: each page with AES-256-GCM.</summary>
/// <remarks>
/// Thread safe. Whoever has the volume but not the key learns which pages were ever written and are not zeroes, how
/// long containers are, their names and their versions; and can undo, by putting older bytes back, but not change or
/// exchange pages unnoticed. A page that does not fit to its tag fails its fault with <see cref="Status.IoError"/>.
/// </remarks>
public sealed class EncryptingManager : LayerManager
{
    /// <summary>The bytes of a key.</summary>
    public const int KeySize = 32;

    private readonly byte[] _key;

    /// <summary>Creates the manager of containers that are encrypted with one key.</summary>
    /// <param name="key">
    /// <see cref="KeySize"/> random bytes, from which each container's own is derived; copied.
    /// </param>
    /// <param name="options">What lies below.</param>
    public EncryptingManager(ReadOnlySpan<byte> key, LayerOptions? options = null)
        : base(options ?? new LayerOptions(), PageCipher.Shape, LayerFormat.Encrypting)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, KeySize, nameof(key));
        _key = GC.AllocateArray<byte>(KeySize, pinned: true);
        key.CopyTo(_key);
    }

    private protected override LayerCodec CreateCodec(
        ContainerRecord container, Container backing, LayerHeader header) =>
        new PageCipher(container.Name, backing, header, _key);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        CryptographicOperations.ZeroMemory(_key);
        base.Dispose(disposing);
    }
}

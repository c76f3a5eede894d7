using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Managers;
using static Runtime.Stores.Managers.LayerFormat;

namespace Runtime.Stores.Managers;

/// <summary>Pages encrypted one by one; a table before each group holds their nonces and tags.</summary>
/// <remarks>
/// Nonces are random: of one container's key, and that of its clones, 2^32 pages may be written before two of them are
/// alike with a chance of 2^-33 (NIST SP 800-38D, section 8.3). A page's place and the container's identity are
/// authenticated with it. A page of zeroes is absent, so that what was never written takes no room below.
/// </remarks>
internal sealed class PageCipher : LayerCodec
{
    public static readonly LayerLayout Shape = new(Sealed.PerGroup);

    private const int DataSize = Header.IdentitySize + sizeof(ulong);

    private static ReadOnlySpan<byte> Purpose => "katydid encrypting layer 1"u8;

    private readonly ConcurrentBag<AesGcm> _ciphers = [];           // one at a time may use each of them
    private readonly string _name;
    private readonly LayerHeader _header;
    private readonly byte[] _key;

    public PageCipher(string name, Container backing, LayerHeader header, ReadOnlySpan<byte> key)
        : base(backing, Shape)
    {
        _name = name;
        _header = header;
        _key = GC.AllocateArray<byte>(EncryptingManager.KeySize, pinned: true);
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key, _key, header.Identity, Purpose);
        Check();
    }

    /// <inheritdoc/>
    [SkipLocalsInit]
    public override void Supply(in PageFault fault, ref long zeroFrom)
    {
        long page = (long)fault.Page.Value;
        Span<byte> entry = stackalloc byte[Sealed.Size];
        Backing.View.Read(EntryOffset(page), entry);
        if (entry[Sealed.State] != 0)
        {
            Span<byte> cipherText = stackalloc byte[PageNumber.Size];
            Backing.View.Read(Offset(Layout.BackingPage(page)), cipherText);
            Span<byte> place = stackalloc byte[DataSize];
            Place(page, place);
            AesGcm cipher = Rent();
            try
            {
                cipher.Decrypt(
                    entry.Slice(Sealed.Nonce, Sealed.NonceSize),
                    cipherText,
                    entry.Slice(Sealed.Tag, Sealed.TagSize),
                    fault.Memory,
                    place);
            }
            catch (CryptographicException failure)
            {
                throw new KernelException(
                    Status.IoError,
                    $"container '{_name}': page {page} was damaged or changed: its tag is wrong",
                    failure);
            }
            finally
            {
                _ciphers.Add(cipher);
            }
        }

        fault.Install();
    }

    /// <inheritdoc/>
    /// <remarks>
    /// If it fails in the middle, a page may not fit to its entry: it is in memory and will be saved again.
    /// </remarks>
    public override void Save(in StabiliseRequest request)
    {
        AesGcm cipher = Rent();
        try
        {
            while (request.TryNext(64))
            {
                for (int i = 0; i < request.Count; i++)
                {
                    Save(cipher, (long)request.Page(i).Value, request.Memory(i));
                }
            }
        }
        finally
        {
            _ciphers.Add(cipher);
        }
    }

    /// <inheritdoc/>
    public override void Clear(long first)
    {
        if (first % Sealed.PerGroup != 0)
        {
            Backing.View.Fill(EntryOffset(first), (Sealed.PerGroup - (first % Sealed.PerGroup)) * Sealed.Size, 0);
        }
    }

    public override void Dispose()
    {
        while (_ciphers.TryTake(out AesGcm? cipher))
        {
            cipher.Dispose();
        }

        CryptographicOperations.ZeroMemory(_key);
    }

    /// <summary>A header that is new gets a tag that only this key makes; another must have it.</summary>
    private void Check()
    {
        AesGcm cipher = Rent();
        try
        {
            ReadOnlySpan<byte> known = _header.Bytes.AsSpan(0, Header.KeyNonce);
            Span<byte> nonce = _header.Bytes.AsSpan(Header.KeyNonce, Sealed.NonceSize);
            Span<byte> tag = _header.Bytes.AsSpan(Header.KeyTag, Sealed.TagSize);
            if (_header.IsNew)
            {
                RandomNumberGenerator.Fill(nonce);
                cipher.Encrypt(nonce, [], [], tag, known);
            }
            else
            {
                cipher.Decrypt(nonce, [], tag, [], known);
            }
        }
        catch (CryptographicException failure)
        {
            Dispose();
            throw new KernelException(
                Status.PermissionDenied,
                $"container '{_name}' was encrypted with another key; nothing was changed",
                failure);
        }

        _ciphers.Add(cipher);
    }

    [SkipLocalsInit]
    private void Save(AesGcm cipher, long page, ReadOnlySpan<byte> content)
    {
        Span<byte> entry = stackalloc byte[Sealed.Size];
        if (!content.ContainsAnyExcept((byte)0))
        {
            Backing.View.Read(EntryOffset(page), entry);
            if (entry[Sealed.State] != 0)
            {
                Backing.View.Fill(Offset(Layout.BackingPage(page)), PageNumber.Size, 0);
                Backing.View.Fill(EntryOffset(page), Sealed.Size, 0);
            }

            return;
        }

        Span<byte> cipherText = stackalloc byte[PageNumber.Size];
        Span<byte> place = stackalloc byte[DataSize];
        Place(page, place);
        entry.Clear();
        entry[Sealed.State] = 1;
        Span<byte> nonce = entry.Slice(Sealed.Nonce, Sealed.NonceSize);
        RandomNumberGenerator.Fill(nonce);
        cipher.Encrypt(nonce, content, cipherText, entry.Slice(Sealed.Tag, Sealed.TagSize), place);
        Backing.View.Write(Offset(Layout.BackingPage(page)), cipherText);
        Backing.View.Write(EntryOffset(page), entry);
    }

    private AesGcm Rent() =>
        _ciphers.TryTake(out AesGcm? cipher) ? cipher : new AesGcm(_key, Sealed.TagSize);

    private void Place(long page, Span<byte> place)
    {
        _header.Identity.CopyTo(place);
        BinaryPrimitives.WriteInt64LittleEndian(place[Header.IdentitySize..], page);
    }

    private long EntryOffset(long page) =>
        Offset(Layout.TablePage(page)) + (page % Sealed.PerGroup * Sealed.Size);
}

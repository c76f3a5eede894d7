using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Managers;
using static Runtime.Stores.Managers.LayerFormat;

namespace Runtime.Stores.Managers;

/// <summary>Units of pages, compressed; a table before each group holds how long each of them is.</summary>
/// <remarks>
/// A unit that is written while another page of it is asked for must not be seen half done, so who reads one and who
/// writes one keep each other out. Writing one is all or nothing: its place is leased first, and inside a lease nothing
/// fails.
/// </remarks>
internal sealed class UnitCompression : LayerCodec
{
    public static readonly LayerLayout Shape = new(Unit.PerGroup * Unit.Pages);

    private const int UnitSize = Unit.Pages * PageNumber.Size;
    private const int Window = 16;                                  // 2^16 bytes, which is a unit

    private readonly ReaderWriterLockSlim _lock = new();
    private readonly byte[] _content = GC.AllocateUninitializedArray<byte>(UnitSize); // the saver's, as the next one
    private readonly byte[] _compressed = GC.AllocateUninitializedArray<byte>(UnitSize);
    private readonly string _name;
    private readonly int _quality;

    public UnitCompression(string name, Container backing, int quality)
        : base(backing, Shape)
    {
        _name = name;
        _quality = quality;
    }

    /// <inheritdoc/>
    public override void Supply(in PageFault fault, ref long zeroFrom)
    {
        long page = (long)fault.Page.Value;
        long unit = page / Unit.Pages;
        byte[] content = ArrayPool<byte>.Shared.Rent(UnitSize);
        _lock.EnterReadLock();
        try
        {
            uint entry = Backing.View.Read<uint>(EntryOffset(unit));
            if (entry == Unit.Raw)
            {
                Backing.View.Read(Offset(Layout.BackingPage(page)), fault.Memory);
            }
            else if (entry != 0)
            {
                Read(unit, entry, content);
                PageOf(content, page).CopyTo(fault.Memory);
                SupplyNeighbours(fault, content, ref zeroFrom);
            }

            fault.Install();
        }
        finally
        {
            _lock.ExitReadLock();
            ArrayPool<byte>.Shared.Return(content);
        }
    }

    /// <inheritdoc/>
    public override void Save(in StabiliseRequest request)
    {
        long unit = -1;
        while (request.TryNext(256))
        {
            for (int i = 0; i < request.Count; i++)
            {
                long page = (long)request.Page(i).Value;
                if (page / Unit.Pages != unit)
                {
                    WriteUnlessNone(unit);
                    unit = page / Unit.Pages;
                    Read(unit, Backing.View.Read<uint>(EntryOffset(unit)), _content);
                }

                request.Memory(i).CopyTo(PageOf(_content, page));
            }
        }

        WriteUnlessNone(unit);
    }

    /// <inheritdoc/>
    public override void Clear(long first)
    {
        long unit = first / Unit.Pages;
        if (first % Unit.Pages != 0)
        {
            Read(unit, Backing.View.Read<uint>(EntryOffset(unit)), _content);
            _content.AsSpan((int)(first % Unit.Pages) * PageNumber.Size).Clear();
            Write(unit, (int)(first % Unit.Pages));
            unit++;
        }

        if (unit % Unit.PerGroup != 0)
        {
            long count = Unit.PerGroup - (unit % Unit.PerGroup);
            Backing.View.Fill(EntryOffset(unit), count * Unit.EntrySize, 0);
        }
    }

    public override void Dispose() => _lock.Dispose();

    private static Span<byte> PageOf(byte[] content, long page) =>
        content.AsSpan((int)(page % Unit.Pages) * PageNumber.Size, PageNumber.Size);

    private static int PagesFor(int length) => (length + PageNumber.Size - 1) / PageNumber.Size;

    /// <summary>They are here already; whoever touches them next finds them.</summary>
    private static void SupplyNeighbours(in PageFault fault, byte[] content, ref long zeroFrom)
    {
        long first = (long)fault.Page.Value / Unit.Pages * Unit.Pages;
        for (long page = first; page < first + Unit.Pages; page++)
        {
            if (!fault.TryClaim(new PageNumber((ulong)page), out PageClaim claim))
            {
                continue;
            }

            using (claim)
            {
                if (page >= Volatile.Read(ref zeroFrom))
                {
                    return;
                }

                PageOf(content, page).CopyTo(claim.Memory);
                claim.Install();
            }
        }
    }

    /// <summary>Reads a unit as its entry says; what it does not hold is zeroes.</summary>
    private void Read(long unit, uint entry, Span<byte> content)
    {
        content = content[..UnitSize];
        if (entry == 0)
        {
            content.Clear();
            return;
        }

        int length = entry == Unit.Raw ? PagesOf(unit) * PageNumber.Size : (int)Math.Min(entry, UnitSize);
        if (entry == Unit.Raw)
        {
            Backing.View.Read(Place(unit), content[..length]);
            content[length..].Clear();
            return;
        }

        byte[] compressed = ArrayPool<byte>.Shared.Rent(UnitSize);
        try
        {
            Backing.View.Read(Place(unit), compressed.AsSpan(0, length));
            if (!BrotliDecoder.TryDecompress(compressed.AsSpan(0, length), content, out int written))
            {
                throw new KernelException(
                    Status.IoError,
                    $"container '{_name}': the pages from {unit * Unit.Pages} on cannot be decompressed");
            }

            content[written..].Clear();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(compressed);
        }
    }

    private void WriteUnlessNone(long unit)
    {
        if (unit >= 0)
        {
            Write(unit, PagesOf(unit));
        }
    }

    /// <summary>Writes a unit, of which so many pages are left.</summary>
    private void Write(long unit, int pages)
    {
        ReadOnlySpan<byte> content = _content.AsSpan(0, pages * PageNumber.Size);
        uint entry = 0;
        ReadOnlySpan<byte> stored = [];
        if (content.ContainsAnyExcept((byte)0))
        {
            bool isSmaller = BrotliEncoder.TryCompress(content, _compressed, out int length, _quality, Window)
                && PagesFor(length) < pages;
            stored = isSmaller ? _compressed.AsSpan(0, length) : content;
            entry = isSmaller ? (uint)length : Unit.Raw;
        }

        _lock.EnterWriteLock();
        try
        {
            Replace(unit, entry, stored);
        }
        finally
        {
            _lock.ExitWriteLock();
        }
    }

    private void Replace(long unit, uint entry, ReadOnlySpan<byte> stored)
    {
        uint before = Backing.View.Read<uint>(EntryOffset(unit));
        int usedBefore = before == Unit.Raw ? PagesOf(unit) : PagesFor((int)Math.Min(before, UnitSize));
        int used = Math.Max(PagesFor(stored.Length), usedBefore);
        if (used == 0)
        {
            return;
        }

        using Lease table = Backing.View.Lease(EntryOffset(unit), Unit.EntrySize, Access.Write);
        using Lease place = Backing.View.Lease(Place(unit), used * PageNumber.Size, Access.Write);
        stored.CopyTo(place.Span);
        place.Span[stored.Length..].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(table.Span, entry);
    }

    /// <summary>How many pages of the unit the container has.</summary>
    private int PagesOf(long unit) => (int)Math.Clamp(PageCount - (unit * Unit.Pages), 0, Unit.Pages);

    private long Place(long unit) => Offset(Layout.BackingPage(unit * Unit.Pages));

    private long EntryOffset(long unit) =>
        Offset(Layout.TablePage(unit * Unit.Pages)) + (unit % Unit.PerGroup * Unit.EntrySize);
}

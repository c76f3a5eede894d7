using System.Buffers.Binary;
using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Runtime.Core;
using Runtime.Stores.Disks;
using Runtime.Stores.Disks.Linux;
using static Runtime.Stores.Volumes.Format.Readers;

namespace Runtime.Stores.Volumes;

/// <summary>The file <c>readers</c> of a volume (docs/format.md), as one reader, or the writer, has it open.</summary>
/// <remarks>
/// Not thread safe. That a reader is alive is told by its lock, which ends with its handle; what stands in its slot
/// only by what it needs.
/// </remarks>
internal sealed class ReadersFile : IReaders
{
    // On Windows the writer, when it looks, seems to have all slots for a moment.
    private const int ClaimRounds = 50;

    private readonly SafeFileHandle _file;
    private readonly string _path;
    private int _slot = -1;

    private ReadersFile(SafeFileHandle file, string path)
    {
        _file = file;
        _path = path;
    }

    public SafeFileHandle File => _file;

    /// <summary>Opens it in a volume's directory, and makes it if there is none.</summary>
    /// <param name="directory">The directory; null on Windows.</param>
    /// <param name="path">The file.</param>
    /// <param name="isToClaim">Whether it is to have room for a reader's slot.</param>
    /// <param name="isReadOnly">Whether the file system is what forbids to write it.</param>
    /// <returns>Null where nothing can be written.</returns>
    public static ReadersFile? TryOpen(SafeFileHandle? directory, string path, bool isToClaim, out bool isReadOnly)
    {
        SafeFileHandle? file = DiskFile.TryOpenForWriting(directory, path, out isReadOnly);
        if (file is null)
        {
            return null;
        }

        try
        {
            if (TryReserve(file, path) || !isToClaim)
            {
                return new ReadersFile(file, path);
            }

            file.Dispose();
            return null;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public void Claim()
    {
        for (int round = 0; round < ClaimRounds; round++)
        {
            for (int slot = 0; slot < Slots; slot++)
            {
                if (ByteLocks.TryLock(_file, _path, FirstLock + slot))
                {
                    _slot = slot;
                    Write(sequence: 0, complement: 0);
                    return;
                }
            }

            Thread.Sleep(1);
        }

        throw new KernelException(
            Status.Busy,
            $"all {Slots} places for readers of the volume '{Path.GetDirectoryName(_path)}' are taken, by the "
                + $"processes {string.Join(", ", Enumerable.Range(0, Slots).Select(ProcessOf).Distinct().Order())}");
    }

    public void Name(long sequence) => Write((ulong)sequence, ~(ulong)sequence);

    public IReadOnlyList<LiveReader> Live()
    {
        // Nearly always there is nobody, and one call says so.
        if (!ByteLocks.IsAnyLocked(_file, _path, FirstLock, Slots))
        {
            return [];
        }

        var live = new List<LiveReader>();
        for (int slot = 0; slot < Slots; slot++)
        {
            if (ByteLocks.IsAnyLocked(_file, _path, FirstLock + slot, count: 1))
            {
                live.Add(new LiveReader(slot, SequenceOf(slot)));
            }
        }

        return live;
    }

    public void Dispose() => _file.Dispose();

    /// <summary>Gives it its size, so that a reader can have a slot on a full disk.</summary>
    /// <returns>False if there is no room.</returns>
    private static bool TryReserve(SafeFileHandle file, string path)
    {
        try
        {
            if (RandomAccess.GetLength(file) >= FileSize)
            {
                return true;
            }

            // Not by writing: others may have written their slots meanwhile.
            if (OperatingSystem.IsWindows() || LibC.fallocate(file, mode: 0, offset: 0, FileSize) != 0)
            {
                RandomAccess.SetLength(file, FileSize);
            }

            return true;
        }
        catch (IOException e)
        {
            VolumeException error = DiskErrors.For("extend", path, e);
            return error.Status == Status.NoResources ? false : throw error;
        }
        catch (NotSupportedException e)
        {
            throw new VolumeException(Status.IoError, $"'{path}' is not a file", e);
        }
    }

    private void Write(ulong sequence, ulong complement)
    {
        Span<byte> bytes = stackalloc byte[Used];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[Sequence..], sequence);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[Complement..], complement);
        BinaryPrimitives.WriteInt32LittleEndian(bytes[Process..], Environment.ProcessId);
        try
        {
            RandomAccess.Write(_file, bytes, _slot * SlotSize);
        }
        catch (IOException e)
        {
            throw DiskErrors.For("write", _path, e);
        }
    }

    private long SequenceOf(int slot)
    {
        Span<byte> bytes = stackalloc byte[Used];
        Read(slot, bytes);
        ulong sequence = BinaryPrimitives.ReadUInt64LittleEndian(bytes[Sequence..]);
        ulong complement = BinaryPrimitives.ReadUInt64LittleEndian(bytes[Complement..]);
        return sequence == ~complement && sequence <= long.MaxValue ? (long)sequence : LiveReader.AnyCommit;
    }

    private string ProcessOf(int slot)
    {
        Span<byte> bytes = stackalloc byte[Used];
        Read(slot, bytes);
        return BinaryPrimitives.ReadInt32LittleEndian(bytes[Process..]).ToString(CultureInfo.InvariantCulture);
    }

    private void Read(int slot, Span<byte> bytes)
    {
        bytes.Clear();
        try
        {
            RandomAccess.Read(_file, bytes, slot * SlotSize);
        }
        catch (IOException e)
        {
            throw DiskErrors.For("read", _path, e);
        }
    }
}

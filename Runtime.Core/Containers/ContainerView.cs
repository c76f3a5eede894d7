using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Runtime.Core.Faults;
using Runtime.Core.Memory;
using Runtime.Native;

namespace Runtime.Core.Containers;

/// <summary>
/// The bytes of a container, reached through its window: an access to an absent page is a hardware fault.
/// </summary>
/// <remarks>
/// Thread safe as memory is: values of 1, 2, 4 or 8 aligned bytes are read and written whole, others may tear. Offsets
/// are bytes from the start. Beyond the end: <see cref="ArgumentOutOfRangeException"/>; after close:
/// <see cref="ObjectDisposedException"/>; a page that cannot be supplied: <see cref="ContainerFaultException"/>.
/// </remarks>
public sealed unsafe partial class ContainerView
{
    private readonly ContainerMemory _memory;
    private readonly PanedWindow _window;
    private readonly byte* _start;
    private long _length;

    internal ContainerView(ContainerMemory memory, PanedWindow window)
    {
        _memory = memory;
        _window = window;
        _start = window.Window.Address;
        _length = memory.Length;
    }

    /// <summary>The length in bytes.</summary>
    public long Length
    {
        get => Volatile.Read(ref _length);
        internal set => Volatile.Write(ref _length, value);
    }

    /// <summary>The window's first byte, for native code and raw pointers; the view must outlive its use.</summary>
    /// <remarks>
    /// A failed access by managed code is a <see cref="NullReferenceException"/>, by native code a crash.
    /// </remarks>
    public byte* DangerousPointer => _start;

    /// <summary>Reads a value.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]              // so that a loop sets up its way out once
    public T Read<T>(long offset)
        where T : unmanaged
    {
        CheckRange(offset, sizeof(T));
        T value;
        byte* source = _start + offset;
        int status = sizeof(T) switch
        {
            1 => Accessors.Load8(source, (byte*)&value),
            2 => Accessors.Load16(source, (ushort*)&value),
            4 => Accessors.Load32(source, (uint*)&value),
            8 => Accessors.Load64(source, (ulong*)&value),
            _ => Accessors.Copy((byte*)&value, source, (ulong)sizeof(T)),
        };
        ThrowIfFailed(status);
        return value;
    }

    /// <summary>Writes a value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write<T>(long offset, T value)
        where T : unmanaged
    {
        CheckRange(offset, sizeof(T));
        byte* destination = _start + offset;
        int status = sizeof(T) switch
        {
            1 => Accessors.Store8(destination, Unsafe.BitCast<T, byte>(value)),
            2 => Accessors.Store16(destination, Unsafe.BitCast<T, ushort>(value)),
            4 => Accessors.Store32(destination, Unsafe.BitCast<T, uint>(value)),
            8 => Accessors.Store64(destination, Unsafe.BitCast<T, ulong>(value)),
            _ => Accessors.Copy(destination, (byte*)&value, (ulong)sizeof(T)),
        };
        ThrowIfFailed(status);
    }

    /// <summary>Stores <paramref name="value"/> where <paramref name="comparand"/> stands, atomically.</summary>
    /// <param name="offset">A multiple of 8.</param>
    /// <param name="value">What to store.</param>
    /// <param name="comparand">What must stand there.</param>
    /// <returns>What stood there before.</returns>
    public long CompareExchange(long offset, long value, long comparand)
    {
        CheckRange(offset, sizeof(long));
        ArgumentOutOfRangeException.ThrowIfNotEqual(offset % sizeof(long), 0, nameof(offset));
        ulong previous;
        ThrowIfFailed(Accessors.CompareExchange64(_start + offset, (ulong)value, (ulong)comparand, &previous));
        return (long)previous;
    }

    /// <summary>Copies bytes out of the container.</summary>
    public void Read(long offset, Span<byte> destination)
    {
        CheckRange(offset, destination.Length);
        fixed (byte* target = destination)
        {
            AccessRange.Range before = AccessRange.Begin(_window, offset, destination.Length);
            int status = Accessors.Copy(target, _start + offset, (ulong)destination.Length);
            AccessRange.End(before);
            ThrowIfFailed(status);
        }
    }

    /// <summary>Copies bytes into the container.</summary>
    public void Write(long offset, ReadOnlySpan<byte> source)
    {
        CheckRange(offset, source.Length);
        fixed (byte* from = source)
        {
            AccessRange.Range before = AccessRange.Begin(_window, offset, source.Length);
            int status = Accessors.Copy(_start + offset, from, (ulong)source.Length);
            AccessRange.End(before);
            ThrowIfFailed(status);
        }
    }

    /// <summary>Sets a range to one value.</summary>
    public void Fill(long offset, long length, byte value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        CheckRange(offset, length);
        AccessRange.Range before = AccessRange.Begin(_window, offset, length);
        int status = Accessors.Fill(_start + offset, value, (ulong)length);
        AccessRange.End(before);
        ThrowIfFailed(status);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void CheckRange(long offset, long length)
    {
        if (offset < 0 || offset > Length - length)
        {
            ThrowOutOfRange(offset, length);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void ThrowIfFailed(int status)
    {
        if (status != 0)
        {
            ThrowFailed((Status)status);
        }

        GC.KeepAlive(this);                                         // and with it the window, until the access is over
    }

    [DoesNotReturn]
    private void ThrowOutOfRange(long offset, long length) =>
        throw new ArgumentOutOfRangeException(
            nameof(offset),
            offset,
            $"container '{_memory.Name}' is {Length} bytes long; {length} bytes were asked for");

    [DoesNotReturn]
    private void ThrowFailed(Status status)
    {
        FailedFault? fault = Trap.LastFault;
        long offset = fault?.Offset ?? 0;
        Pane pane = _window.Find(offset / PageNumber.Size);
        long owned = pane.ToOwner(offset / PageNumber.Size) * PageNumber.Size + offset % PageNumber.Size;
        throw FaultFailure.ToException(
            _memory, pane.Owner, (ulong)owned, (Access)(fault?.Access ?? FaultAccess.Read), status);
    }
}

using NUnit.Framework;
using Runtime.Native;
using Runtime.Native.Windows;
using Runtime.Tests.Support;
using static Runtime.Native.Windows.Kernel32;

namespace Runtime.Tests.Native.Windows;

/// <summary>"Where there are no placeholders, by reservations of 64 MiB split at first touch."</summary>
[WindowsOnly]
public sealed unsafe class ReservationMemoryTests
{
    private static readonly ReservationMemory s_memory = new();

    [Test]
    public void A_piece_is_free_and_aligned_and_found_once()
    {
        nint first = s_memory.FindPiece(1L << 30, Arena.UnitSize);
        nint second = s_memory.FindPiece(1L << 30, Arena.UnitSize);
        Assert.That(first % Arena.UnitSize, Is.Zero);
        Assert.That(View.StateOf((byte*)first), Is.EqualTo(MEM_FREE));
        Assert.That((long)second, Is.GreaterThanOrEqualTo(first + (1L << 30)));
    }

    [Test]
    public void What_is_held_is_reserved_until_it_is_let_go()
    {
        nint piece = s_memory.FindPiece(1L << 30, Arena.UnitSize);
        Assert.That(s_memory.TryHold(piece, 2 * Arena.UnitSize), Is.True);
        Assert.That(View.StateOf((byte*)piece), Is.EqualTo(MEM_RESERVE));
        Assert.That(View.StateOf((byte*)piece + 2 * Arena.UnitSize), Is.EqualTo(MEM_FREE));

        s_memory.LetGo(piece, 2 * Arena.UnitSize);

        Assert.That(View.StateOf((byte*)piece), Is.EqualTo(MEM_FREE));
        Assert.That(View.StateOf((byte*)piece + Arena.UnitSize), Is.EqualTo(MEM_FREE));
    }

    [Test]
    public void What_somebody_else_has_cannot_be_held()
    {
        nint piece = s_memory.FindPiece(1L << 30, Arena.UnitSize);
        byte* theirs = VirtualAlloc((byte*)piece + Arena.UnitSize + (20 << 20), 1 << 16, MEM_RESERVE, PAGE_NOACCESS);
        Assert.That(s_memory.TryHold(piece, 2 * Arena.UnitSize), Is.False);
        Assert.That(View.StateOf((byte*)piece), Is.EqualTo(MEM_FREE), "what was held until then is let go");
        Assert.That(View.StateOf(theirs), Is.EqualTo(MEM_RESERVE));
        _ = VirtualFree(theirs, 0, MEM_RELEASE);
    }

    [Test]
    public void A_unit_is_split_at_its_first_chunk_and_let_go_all_the_same()
    {
        nint piece = s_memory.FindPiece(1L << 30, Arena.UnitSize);
        Assert.That(s_memory.TryHold(piece, Arena.UnitSize), Is.True);
        byte* chunk = (byte*)piece + 40 * Chunk.Size;
        nint section = WindowsMemory.CreateSection();

        Assert.That(s_memory.TryMap(section, chunk), Is.True);
        Assert.That(View.StateOf((byte*)piece), Is.EqualTo(MEM_RESERVE));
        Assert.That(View.StateOf(chunk + Chunk.Size), Is.EqualTo(MEM_RESERVE));
        s_memory.Unmap(chunk);
        Assert.That(View.StateOf(chunk), Is.EqualTo(MEM_RESERVE));

        s_memory.LetGo(piece, Arena.UnitSize);
        Assert.That(View.StateOf((byte*)piece), Is.EqualTo(MEM_FREE));
        Assert.That(View.StateOf(chunk), Is.EqualTo(MEM_FREE));
        _ = CloseHandle(section);
    }

    [Test]
    public void A_chunk_whose_address_another_thread_took_is_lost_and_its_memory_left_alone()
    {
        nint piece = s_memory.FindPiece(1L << 30, Arena.UnitSize);
        Assert.That(s_memory.TryHold(piece, Arena.UnitSize), Is.True);
        byte* chunk = (byte*)piece + 3 * Chunk.Size;
        nint section = WindowsMemory.CreateSection();
        Assert.That(s_memory.TryMap(section, chunk), Is.True);

        // As if it came just between unmapping and reserving: it has the address when the chunk is to be held again.
        s_memory.Unmap(chunk);
        _ = VirtualFree(chunk, 0, MEM_RELEASE);
        byte* theirs = VirtualAlloc(chunk, 1 << 16, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
        *theirs = 42;
        s_memory.Hold(chunk);

        Assert.That(s_memory.TryMap(section, chunk), Is.False);
        Assert.That(s_memory.TryMap(section, chunk + Chunk.Size), Is.True, "its neighbour is as before");
        s_memory.Unmap(chunk + Chunk.Size);
        s_memory.LetGo(piece, Arena.UnitSize);
        Assert.That(*theirs, Is.EqualTo(42));
        _ = VirtualFree(theirs, 0, MEM_RELEASE);
        _ = CloseHandle(section);
    }
}

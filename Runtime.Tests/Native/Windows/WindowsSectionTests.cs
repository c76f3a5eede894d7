using NUnit.Framework;
using Runtime.Native;
using Runtime.Native.Windows;
using Runtime.Tests.Support;
using static Runtime.Native.Windows.Kernel32;

namespace Runtime.Tests.Native.Windows;

/// <summary>"A container is a row of chunks of 1 MiB, each a page-file section of its own."</summary>
/// <remarks>Chunk 0 is there from the beginning under Wine (<see cref="TestPager"/>).</remarks>
[WindowsOnly]
public sealed unsafe class WindowsSectionTests
{
    private const long Length = 256L << 20;
    private const int MappingsPerChunk = 3;

    [Test]
    public void A_chunk_appears_whole_and_closed_when_its_first_page_is_populated()
    {
        using var pager = new TestPager(TrapEngine.Default, Length);
        byte* chunk = pager.Address + 5 * Chunk.Size;
        Assert.That(View.StateOf(chunk), Is.EqualTo(MEM_RESERVE));

        Assert.That(pager.Section.TryPopulate(5 * Chunk.Pages + 17, 1, out _), Is.True);

        for (int page = 0; page < Chunk.Pages; page++)
        {
            Assert.That(View.StateOf(chunk + page * Section.PageSize), Is.EqualTo(MEM_COMMIT));
            Assert.That(View.ProtectionOf(chunk + page * Section.PageSize), Is.EqualTo(PAGE_NOACCESS));
        }

        *pager.Section.PageAddress(5 * Chunk.Pages + 17) = 9;       // the kernel view is open
        Assert.That(View.StateOf(chunk - 1), Is.EqualTo(MEM_RESERVE));
        Assert.That(View.StateOf(chunk + Chunk.Size), Is.EqualTo(MEM_RESERVE));
    }

    [Test]
    public void A_chunk_goes_when_its_last_page_is_discarded()
    {
        using var pager = new TestPager(TrapEngine.Default, Length);
        long before = MappingBudget.Used;
        const int Goes = 2 * Chunk.Pages;
        Assert.That(pager.Section.TryPopulate(Goes - 1, 3, out _), Is.True);
        Assert.That(MappingBudget.Used - before, Is.EqualTo(2 * MappingsPerChunk));
        byte* kernelView = pager.Section.PageAddress(Goes);

        pager.Section.Discard(Goes, 1);
        Assert.That(View.StateOf(pager.Address + 2 * Chunk.Size), Is.EqualTo(MEM_COMMIT), "a page of it is left");
        pager.Section.Discard(Goes + 1, 1);

        Assert.That(View.StateOf(pager.Address + 2 * Chunk.Size), Is.EqualTo(MEM_RESERVE));
        Assert.That(View.StateOf(kernelView), Is.EqualTo(MEM_FREE));
        Assert.That(View.StateOf(pager.Address + Chunk.Size), Is.EqualTo(MEM_COMMIT), "the other chunk stays");
        Assert.That(MappingBudget.Used - before, Is.EqualTo(MappingsPerChunk));
    }

    [Test]
    public void A_chunk_is_counted_whole_once_when_it_comes_and_once_when_it_goes()
    {
        using var pager = new TestPager(TrapEngine.Default, Length);
        const int First = 2 * Chunk.Pages;
        Assert.That(pager.Section.TryPopulate(First, 1, out long first), Is.True);
        Assert.That(pager.Section.TryPopulate(First + 1, Chunk.Pages, out long next), Is.True, "into the next chunk");
        Assert.That(pager.Section.TryPopulate(First + 2, 1, out long again), Is.True);
        Assert.That((first, next, again), Is.EqualTo(((long)Chunk.Pages, (long)Chunk.Pages, 0L)));

        Assert.That(pager.Section.Discard(First, Chunk.Pages - 1), Is.Zero, "a page is left");
        Assert.That(pager.Section.Discard(First + Chunk.Pages - 1, 1), Is.EqualTo(Chunk.Pages));
        Assert.That(pager.Section.Discard(First, 2 * Chunk.Pages), Is.EqualTo(Chunk.Pages), "the other chunk's");
        Assert.That(pager.Section.Discard(First, 2 * Chunk.Pages), Is.Zero, "nothing is there any more");
    }

    [Test]
    public void A_chunk_comes_and_goes_again_and_again()
    {
        using var pager = new TestPager(TrapEngine.Default, Length);
        for (int i = 0; i < 200; i++)
        {
            ulong value;
            Assert.That(Accessors.Load64(pager.Address + 7 * Chunk.Size, &value), Is.Zero);
            Assert.That(value, Is.Zero);
            Assert.That(Accessors.Store64(pager.Address + 7 * Chunk.Size, 9), Is.Zero);
            pager.Window.TryProtect(7 * Chunk.Pages, 1, PageAccess.None);
            pager.Section.Discard(7 * Chunk.Pages, 1);
        }
    }

    [Test]
    public void A_page_discarded_from_a_chunk_that_stays_is_zero_when_it_comes_back()
    {
        using var pager = new TestPager(TrapEngine.Default, Length);
        Assert.That(pager.Section.TryPopulate(0, 3, out _), Is.True);
        for (int page = 0; page < 3; page++)
        {
            *pager.Section.PageAddress(page) = 9;
        }

        pager.Section.Discard(1, 1);
        Assert.That(pager.Section.TryPopulate(0, 3, out _), Is.True);

        Assert.That(
            new[] { *pager.Section.PageAddress(0), *pager.Section.PageAddress(1), *pager.Section.PageAddress(2) },
            Is.EqualTo(new byte[] { 9, 0, 9 }));
    }

    [Test]
    public void Discarding_what_was_never_there_is_nothing()
    {
        using Section section = TrapEngine.Default.CreateSection(Section.LengthLimit);
        section.Discard(0, Section.LengthLimit / Section.PageSize);
        Assert.That(section.TryPopulate(12345678, 1, out _), Is.True);
        section.Discard(0, Section.LengthLimit / Section.PageSize);
    }

    [Test]
    public void A_page_that_is_not_there_cannot_be_granted()
    {
        using var pager = new TestPager(TrapEngine.Default, Length);
        Assert.That(pager.Section.TryPopulate(0, 1, out _), Is.True);
        Assert.That(pager.Window.TryProtect(Chunk.Pages - 1, 2, PageAccess.Read), Is.False);
        Assert.That(
            View.ProtectionOf(pager.Address + Chunk.Size - 1), Is.EqualTo(PAGE_NOACCESS), "nothing was changed");
        Assert.That(pager.Window.TryProtect(Chunk.Pages, 1, PageAccess.None), Is.True, "it is closed as it is");
    }

    [Test]
    public void A_commit_that_fails_leaves_the_chunk_absent()
    {
        long before = MappingBudget.Used;
        var memory = new RefusingMemory { CommitsLeft = 1 };
        using (var section = new WindowsSection(Length, memory))
        {
            using Window window = section.OpenWindow("refused", new Nobody());
            Assert.That(section.TryPopulate(0, Chunk.Pages + 1, out long allocated), Is.False);
            Assert.That(allocated, Is.EqualTo(Chunk.Pages), "what was allocated until then is counted");
            Assert.That(View.StateOf(window.Address), Is.EqualTo(MEM_COMMIT), "what was allocated until then stays");
            Assert.That(View.StateOf(window.Address + Chunk.Size), Is.EqualTo(MEM_RESERVE));

            memory.CommitsLeft = int.MaxValue;
            Assert.That(section.TryPopulate(0, Chunk.Pages + 1, out allocated), Is.True);
            Assert.That(allocated, Is.EqualTo(Chunk.Pages), "what was there already is not");
        }

        Assert.That(MappingBudget.Used, Is.EqualTo(before));
    }

    [Test]
    public void A_mapping_that_fails_leaves_the_chunk_absent()
    {
        var memory = new RefusingMemory { MapsLeft = 0 };
        using var section = new WindowsSection(Length, memory);
        using Window window = section.OpenWindow("refused", new Nobody());
        Assert.That(section.TryPopulate(0, 1, out _), Is.False);
        memory.MapsLeft = 1;
        Assert.That(section.TryPopulate(0, 1, out _), Is.True);
    }

    [Test]
    public void A_chunk_that_finds_no_mappings_is_refused()
    {
        using var pager = new TestPager(TrapEngine.Default, Length);
        long limit = MappingBudget.Limit;
        try
        {
            MappingBudget.Limit = MappingBudget.Used + MappingsPerChunk;
            Assert.That(pager.Section.TryPopulate(Chunk.Pages, 1, out _), Is.True);
            Assert.That(pager.Section.TryPopulate(2 * Chunk.Pages, 1, out _), Is.False);
            pager.Section.Discard(Chunk.Pages, 1);
            Assert.That(pager.Section.TryPopulate(2 * Chunk.Pages, 1, out _), Is.True);
        }
        finally
        {
            MappingBudget.Limit = limit;
        }
    }

    [Test]
    public void First_touches_of_one_chunk_and_of_its_neighbours_by_many_threads_make_each_chunk_once()
    {
        using var pager = new TestPager(TrapEngine.Default, Length);
        long before = MappingBudget.Used;
        const int Chunks = 32;
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, thread =>
        {
            for (int chunk = 1; chunk <= Chunks; chunk++)
            {
                int page = chunk * Chunk.Pages + thread;
                if (!pager.Section.TryPopulate(page, 1, out _))
                {
                    throw new InvalidOperationException($"page {page} was refused");
                }

                *pager.Section.PageAddress(page) = (byte)(thread + 1);
            }
        });

        Assert.That(MappingBudget.Used - before, Is.EqualTo(Chunks * MappingsPerChunk));
        for (int chunk = 1; chunk <= Chunks; chunk++)
        {
            for (int thread = 0; thread < 8; thread++)
            {
                Assert.That(*pager.Section.PageAddress(chunk * Chunk.Pages + thread), Is.EqualTo(thread + 1));
            }
        }
    }

    [Test]
    public void Raw_first_touches_see_the_page_and_never_the_empty_chunk()
    {
        using var pager = new TestPager(TrapEngine.Default, Length, static (pager, page, access) =>
        {
            if (!pager.Section.TryPopulate(page, 1, out _))
            {
                return 13;
            }

            *pager.Section.PageAddress(page) = 7;
            return pager.Grant(page, access);
        });
        for (int chunk = 0; chunk < 100; chunk++)
        {
            Assert.That(Raw.Read(pager.Address + (long)chunk * Chunk.Size), Is.EqualTo(7));
        }
    }

    [Test]
    public void Two_windows_show_the_same_pages_each_with_its_own_grants()
    {
        using Section section = TrapEngine.Default.CreateSection(Length);
        using Window first = section.OpenWindow("first", new Nobody());
        Assert.That(section.TryPopulate(0, 1, out _), Is.True);
        *section.PageAddress(0) = 5;
        using Window second = section.OpenWindow("second", new Nobody());
        Assert.That(section.TryPopulate(Chunk.Pages, 1, out _), Is.True);
        *section.PageAddress(Chunk.Pages) = 6;

        foreach (Window window in (Window[])[first, second])
        {
            Assert.That(View.ProtectionOf(window.Address), Is.EqualTo(PAGE_NOACCESS));
            Assert.That(View.ProtectionOf(window.Address + Chunk.Size), Is.EqualTo(PAGE_NOACCESS));
        }

        second.TryProtect(0, 1, PageAccess.Read);
        second.TryProtect(Chunk.Pages, 1, PageAccess.Read);
        Assert.That(View.ProtectionOf(first.Address), Is.EqualTo(PAGE_NOACCESS));
        Assert.That((second.Address[0], second.Address[Chunk.Size]), Is.EqualTo(((byte)5, (byte)6)));
    }

    [Test]
    public void A_closed_window_is_reserved_addresses_only()
    {
        using Section section = TrapEngine.Default.CreateSection(Length);
        Window window = section.OpenWindow("closed", new Nobody());
        Assert.That(section.TryPopulate(0, 2 * Chunk.Pages, out _), Is.True);
        window.TryProtect(0, 2 * Chunk.Pages, PageAccess.Read);

        window.Dispose();

        for (long chunk = 0; chunk < Length; chunk += Chunk.Size)
        {
            Assert.That(View.StateOf(window.Address + chunk), Is.EqualTo(MEM_RESERVE));
        }

        Assert.That(section.TryPopulate(3 * Chunk.Pages, 1, out _), Is.True, "the section does without it");
        Assert.That(View.StateOf(window.Address + 3 * Chunk.Size), Is.EqualTo(MEM_RESERVE));
        GC.KeepAlive(window);
    }
}

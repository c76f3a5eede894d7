using NUnit.Framework;
using Runtime.Native;
using Runtime.Tests.Support;

namespace Runtime.Tests.Native.Memory.Linux;

/// <summary>What the Linux half of DESIGN 4 says of its mappings, as the kernel tells it.</summary>
[LinuxOnly]
public sealed unsafe class LinuxMemoryTests(TrapEngine engine) : TrapContract(engine)
{
    [Test]
    public void Discarding_returns_memory_page_by_page()
    {
        using TestPager pager = Pager();
        Assert.That(Helpers.kh_is_resident(pager.Section.PageAddress(7)), Is.Zero);
        pager.Section.TryPopulate(6, 3, out _);
        Assert.That(Helpers.kh_is_resident(pager.Section.PageAddress(7)), Is.EqualTo(1));
        pager.Section.Discard(7, 1);
        Assert.That(Helpers.kh_is_resident(pager.Section.PageAddress(6)), Is.EqualTo(1));
        Assert.That(Helpers.kh_is_resident(pager.Section.PageAddress(7)), Is.Zero);
        Assert.That(Helpers.kh_is_resident(pager.Section.PageAddress(8)), Is.EqualTo(1));
    }

    [Test]
    public void A_forked_child_has_neither_view()
    {
        using TestPager pager = Pager();
        pager.Grant(0, FaultAccess.Write);
        int local;
        Assert.That(Helpers.kh_child_has((void*)((nint)(&local) & ~4095)), Is.EqualTo(1), "it has a stack");
        Assert.That(Helpers.kh_child_has(pager.Address), Is.Zero);
        Assert.That(Helpers.kh_child_has(pager.Section.PageAddress(0)), Is.Zero);
    }

    [Test]
    public void Neither_view_is_in_core_dumps_or_made_of_huge_pages()
    {
        using TestPager pager = Pager();
        pager.Grant(10, FaultAccess.Write);
        foreach (nint view in (ReadOnlySpan<nint>)[(nint)pager.Address, (nint)pager.Section.PageAddress(0)])
        {
            string flags = Mappings.FlagsOf(view);
            Assert.That(flags, Does.Contain(" dd"), "not dumped");
            Assert.That(flags, Does.Contain(" dc"), "not forked");
            Assert.That(flags, Does.Contain(" nh"), "no huge pages");
        }
    }

    [Test]
    public void No_descriptor_is_held_for_a_section()
    {
        int before = Descriptors();
        var pagers = Enumerable.Range(0, 100).Select(_ => Pager()).ToList();
        Assert.That(Descriptors(), Is.LessThan(before + 50));
        pagers.ForEach(pager => pager.Dispose());
    }

    [Test]
    public void The_budget_counts_the_mappings_that_the_kernel_counts()
    {
        using TestPager pager = Pager();
        var random = new Random(5);
        for (int i = 0; i < 300; i++)
        {
            long page = random.Next(200);
            pager.Window.TryProtect(page, random.Next(1, 20), (PageAccess)random.Next(3));
        }

        long counted = MappingBudget.Used;
        int kernel = Mappings.CountIn((nint)pager.Address, pager.Window.Length);
        pager.Window.TryProtect(0, 400, PageAccess.None);
        Assert.That(Mappings.CountIn((nint)pager.Address, pager.Window.Length), Is.EqualTo(1));
        Assert.That(counted - MappingBudget.Used, Is.EqualTo(kernel - 1));
    }

    [Test]
    public void A_closed_window_is_one_mapping_with_the_reserved_addresses_around_it()
    {
        TestPager pager = Pager();
        for (int page = 0; page < 100; page += 2)
        {
            pager.Grant(page, FaultAccess.Write);
        }

        Assert.That(
            Mappings.CountIn((nint)pager.Address, pager.Window.Length),
            Is.EqualTo(Engines.SplitsMappings(Engine) ? 100 : 1));
        pager.Window.Dispose();
        Assert.That(Mappings.CountIn((nint)pager.Address, pager.Window.Length), Is.EqualTo(1));
        pager.Dispose();
    }

    private static int Descriptors() => Directory.GetFileSystemEntries("/proc/self/fd").Length;
}

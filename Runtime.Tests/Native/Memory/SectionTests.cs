using NUnit.Framework;
using Runtime.Native;
using Runtime.Native.Windows;

namespace Runtime.Tests.Native.Memory;

/// <summary>DESIGN 4: one section, two views.</summary>
public sealed unsafe class SectionTests(TrapEngine engine) : TrapContract(engine)
{
    [Test]
    public void A_page_never_written_reads_as_zeroes_in_both_views()
    {
        using TestPager pager = Pager();
        byte value = 1;
        Assert.That(Accessors.Load8(pager.Address + 12345, &value), Is.Zero);
        Assert.That(value, Is.Zero);
        Assert.That(
            new Span<byte>(pager.Section.PageAddress(3), Section.PageSize).IndexOfAnyExcept((byte)0), Is.EqualTo(-1));
    }

    [Test]
    public void Page_n_of_the_window_is_page_n_of_the_section()
    {
        using TestPager pager = Pager();
        for (long page = 0; page < pager.Section.MaximumLength / Section.PageSize; page += 1021)
        {
            Assert.That(pager.Section.TryPopulate(page, 1, out _), Is.True);
            *(long*)pager.Section.PageAddress(page) = page + 1;
            ulong value;
            Assert.That(Accessors.Load64(pager.Address + page * Section.PageSize, &value), Is.Zero);
            Assert.That(value, Is.EqualTo(page + 1));
        }
    }

    [Test]
    public void A_page_discarded_and_populated_again_is_zero()
    {
        using TestPager pager = Pager();
        Assert.That(Accessors.Fill(pager.Address, 0xff, 4 * Section.PageSize), Is.Zero);
        pager.Window.TryProtect(0, 4, PageAccess.None);
        pager.Section.Discard(1, 2);
        Assert.That(pager.Section.TryPopulate(0, 4, out _), Is.True);

        var pages = new ReadOnlySpan<byte>(pager.Section.PageAddress(0), 4 * Section.PageSize);
        Assert.That(pages[Section.PageSize..(3 * Section.PageSize)].IndexOfAnyExcept((byte)0), Is.EqualTo(-1));
        Assert.That(
            pages[..Section.PageSize].IndexOfAnyExcept((byte)0xff),
            Is.EqualTo(-1),
            "its neighbours keep their content");
        Assert.That(pages[(3 * Section.PageSize)..].IndexOfAnyExcept((byte)0xff), Is.EqualTo(-1));
    }

    [Test]
    public void Populating_again_keeps_the_content()
    {
        using TestPager pager = Pager();
        pager.Section.TryPopulate(5, 1, out _);
        *pager.Section.PageAddress(5) = 9;
        pager.Section.TryPopulate(4, 3, out _);
        Assert.That(*pager.Section.PageAddress(5), Is.EqualTo(9));
    }

    [Test]
    public void Memory_comes_and_goes_in_units_of_the_system_and_is_counted()
    {
        using TestPager pager = Pager();
        int unit = pager.Section.PagesPerAllocation;
        Assert.That(unit, Is.EqualTo(OperatingSystem.IsWindows() ? Chunk.Pages : 1));

        Assert.That(pager.Section.TryPopulate(2 * Chunk.Pages, 1, out long one), Is.True);
        Assert.That(pager.Section.TryPopulate(3 * Chunk.Pages, 2 * Chunk.Pages, out long many), Is.True);
        Assert.That((one, many), Is.EqualTo(((long)unit, 2L * Chunk.Pages)));

        Assert.That(pager.Section.Discard(2 * Chunk.Pages, 1), Is.EqualTo(unit));
        Assert.That(pager.Section.Discard(3 * Chunk.Pages, 2 * Chunk.Pages), Is.EqualTo(2 * Chunk.Pages));
    }

    [Test]
    public void Two_windows_show_the_same_pages_and_are_granted_apart()
    {
        using TestPager pager = Pager();
        var refusing = new Refusing();
        using Window second = pager.Section.OpenWindow("second", refusing);
        Assert.That(Accessors.Store8(pager.Address, 3), Is.Zero);
        byte value;
        Assert.That(Accessors.Load8(second.Address, &value), Is.EqualTo(Refusing.Status));
        second.TryProtect(0, 1, PageAccess.Read);
        Assert.That(Accessors.Load8(second.Address, &value), Is.Zero);
        Assert.That(value, Is.EqualTo(3));
        Assert.That(Accessors.Store8(second.Address, 4), Is.EqualTo(Refusing.Status));
    }

    [Test]
    public void A_section_holds_up_to_1_TiB()
    {
        Assert.That(() => Engine.CreateSection(0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => Engine.CreateSection(Section.LengthLimit + 1), Throws.TypeOf<ArgumentOutOfRangeException>());

        // What was refused is finalized all the same.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        using Section section = Engine.CreateSection(1);
        Assert.That(section.MaximumLength, Is.EqualTo(Arena.UnitSize));
    }

    [Test]
    public void Pages_outside_of_a_section_are_refused_at_the_door()
    {
        using TestPager pager = Pager();
        long count = pager.Window.Length / Section.PageSize;
        Assert.That(
            () => pager.Window.TryProtect(-1, 1, PageAccess.Read), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => pager.Window.TryProtect(0, 0, PageAccess.Read), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(
            () => pager.Window.TryProtect(count, 1, PageAccess.Read), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(
            () => pager.Window.TryProtect(count - 1, 2, PageAccess.Read), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(
            () => pager.Section.TryPopulate(count - 1, 2, out _), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => pager.Section.Discard(count, 1), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    private sealed class Refusing : IFaultHandler
    {
        internal const int Status = 35;

        public int OnFault(ref readonly Fault fault) => Status;

        public bool TryWithdraw(long page) => true;
    }
}

using NUnit.Framework;
using Runtime.Native;
using Runtime.Tests.Support;

namespace Runtime.Tests.Native.Memory;

/// <summary>DESIGN 4: a stretch of a window shows pages of another section, by 64 KiB on every system.</summary>
public sealed unsafe class WindowShowTests(TrapEngine engine) : TrapContract(engine)
{
    private const int Unit = 16;                                    // pages
    private const int PageSize = Section.PageSize;

    [Test]
    public void Other_pages_are_shown_closed_and_granted_like_any_other()
    {
        using Section other = Engine.CreateSection(Arena.UnitSize);
        using TestPager pager = Pager();
        Assert.That(Accessors.Store8(pager.Address + (Unit * PageSize), 7), Is.Zero);
        Assert.That(other.TryPopulate(3 * Unit, Unit, out _), Is.True);
        *other.PageAddress(3 * Unit) = 9;
        int before = pager.Upcalls;

        pager.Window.Show(Unit, Unit, other, 3 * Unit);

        Assert.That(Load(pager, Unit), Is.EqualTo(9));
        Assert.That(Accessors.Store8(pager.Address + (Unit * PageSize), 10), Is.Zero);
        Assert.That(pager.Upcalls, Is.EqualTo(before + 2), "one to read and one to write");
        Assert.That(*other.PageAddress(3 * Unit), Is.EqualTo(10));
        Assert.That(*pager.Section.PageAddress(Unit), Is.EqualTo(7), "hidden and kept");
        pager.Window.Show(Unit, Unit, pager.Section, Unit);
        Assert.That(Load(pager, Unit), Is.EqualTo(7));
        Assert.That(pager.Upcalls, Is.EqualTo(before + 3));
    }

    [Test]
    public void Neighbours_of_what_is_shown_keep_their_content()
    {
        using Section other = Engine.CreateSection(Arena.UnitSize);
        using TestPager pager = Pager();
        for (int page = 0; page < 5 * Unit; page++)
        {
            Assert.That(Accessors.Store8(pager.Address + (page * PageSize), (byte)page), Is.Zero);
        }

        pager.Window.Show(2 * Unit, Unit, other, 0);
        for (int page = 0; page < 5 * Unit; page++)
        {
            if (page / Unit != 2)
            {
                Assert.That(Load(pager, page), Is.EqualTo(page));
            }
        }
    }

    [Test]
    public void What_is_hidden_is_not_there_until_something_is_shown_again()
    {
        Section other = Engine.CreateSection(Arena.UnitSize);
        using TestPager pager = Pager();
        Assert.That(other.TryPopulate(0, Unit, out _), Is.True);
        pager.Window.Show(Unit, Unit, other, 0);
        Assert.That(Accessors.Store8(pager.Address + (Unit * PageSize), 1), Is.Zero);
        pager.Serve = static (_, _, _) => 13;
        pager.Window.Hide(Unit, Unit);
        other.Dispose();

        byte value;
        Assert.That(Accessors.Load8(pager.Address + (Unit * PageSize), &value), Is.EqualTo(13));
        pager.Serve = static (pager, page, access) => pager.Grant(page, access);
        pager.Window.Show(Unit, Unit, pager.Section, Unit);
        Assert.That(Load(pager, Unit), Is.Zero);
    }

    [Test]
    public void Stretches_cost_mappings_which_come_back_with_them_and_with_the_window()
    {
        long before = MappingBudget.Used;
        using (Section other = Engine.CreateSection(Arena.UnitSize))
        {
            using TestPager pager = Pager();
            long alone = MappingBudget.Used;
            pager.Window.CountStretches(2);
            pager.Window.Show(Unit, Unit, other, 0);
            Assert.That(MappingBudget.Used, Is.EqualTo(alone + 2));
            pager.Window.Show(Unit, Unit, pager.Section, Unit);
            pager.Window.CountStretches(-2);
            Assert.That(MappingBudget.Used, Is.EqualTo(alone));
            pager.Window.CountStretches(2);
            pager.Window.Show(Unit, Unit, other, 0);
        }

        Assert.That(MappingBudget.Used, Is.EqualTo(before));
    }

    [Test]
    public void A_stretch_that_finds_no_mappings_is_refused()
    {
        using TestPager pager = Pager();
        long limit = MappingBudget.Limit;
        try
        {
            MappingBudget.Limit = MappingBudget.Used + 1;
            Assert.That(() => pager.Window.CountStretches(2), Throws.TypeOf<MemoryException>());
            pager.Window.CountStretches(1);
        }
        finally
        {
            MappingBudget.Limit = limit;
        }
    }

    /// <summary>Any stretch of three sections anywhere, pages that come and go, against what must be seen.</summary>
    [Test, Deadline(120)]
    public void Whatever_is_shown_where_each_page_is_the_right_one([Values(1, 2, 3)] int seed)
    {
        const int Pages = 64 * Unit;                                // 4 MiB
        var random = new Random(seed);
        var sections = new Section[3];
        var owners = new (int Section, long Page)[Pages];
        var contents = new Dictionary<(int Section, long Page), byte>();
        using TestPager pager = Pager((pager, page, access) =>
        {
            (int section, long shown) = owners[page];
            if (!contents.ContainsKey((section, shown)))
            {
                if (!sections[section].TryPopulate(shown, 1, out _))
                {
                    return 13;
                }

                contents[(section, shown)] = *sections[section].PageAddress(shown) = (byte)(section + (shown * 3));
            }

            PageAccess granted = access == FaultAccess.Write ? PageAccess.ReadWrite : PageAccess.Read;
            return pager.Window.TryProtect(page, 1, granted) ? 0 : 13;
        });
        sections[0] = pager.Section;
        using Section second = sections[1] = Engine.CreateSection(Arena.UnitSize);
        using Section third = sections[2] = Engine.CreateSection(Arena.UnitSize);
        for (int page = 0; page < Pages; page++)
        {
            owners[page] = (0, page);
        }

        for (int step = 0; step < 1500; step++)
        {
            int page = random.Next(Pages);
            string told = $"seed {seed}, step {step}, page {page} shows {owners[page]}";
            switch (random.Next(20))
            {
                case 0:
                    int first = random.Next(64);
                    int count = 1 + random.Next(64 - first);
                    int section = random.Next(3);
                    int from = section == 0 ? first : random.Next(64 - count + 1);
                    pager.Window.Show(first * Unit, count * Unit, sections[section], from * Unit);
                    for (int i = 0; i < count * Unit; i++)
                    {
                        owners[(first * Unit) + i] = (section, (from * Unit) + i);
                    }

                    break;
                case 1:
                    Discard(pager, owners, sections, contents, owners[page]);
                    break;
                case < 10:
                    byte value;
                    Assert.That(Accessors.Load8(pager.Address + ((long)page * PageSize), &value), Is.Zero, told);
                    Assert.That(value, Is.EqualTo(contents[owners[page]]), told);
                    break;
                default:
                    contents.Remove(owners[page], out byte old);
                    contents[owners[page]] = (byte)(old + 1);
                    byte* memory = Populated(sections, owners[page]);
                    Assert.That(
                        Accessors.Store8(pager.Address + ((long)page * PageSize), (byte)(old + 1)), Is.Zero, told);
                    Assert.That(*memory, Is.EqualTo((byte)(old + 1)), told);
                    break;
            }
        }

        byte* Populated(Section[] all, (int Section, long Page) owner)
        {
            all[owner.Section].TryPopulate(owner.Page, 1, out _);
            return all[owner.Section].PageAddress(owner.Page);
        }
    }

    private static void Discard(
        TestPager pager,
        (int Section, long Page)[] owners,
        Section[] sections,
        Dictionary<(int Section, long Page), byte> contents,
        (int Section, long Page) owner)
    {
        for (int page = 0; page < owners.Length; page++)
        {
            if (owners[page] == owner)
            {
                Assert.That(pager.Window.TryLower(page, 1, PageAccess.None), Is.True);
            }
        }

        if (contents.Remove(owner))
        {
            sections[owner.Section].Discard(owner.Page, 1);
        }
    }

    private static byte Load(TestPager pager, long page)
    {
        byte value;
        Assert.That(Accessors.Load8(pager.Address + (page * PageSize), &value), Is.Zero);
        return value;
    }
}

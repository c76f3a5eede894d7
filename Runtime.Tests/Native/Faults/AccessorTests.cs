using NUnit.Framework;
using Runtime.Native;

namespace Runtime.Tests.Native.Faults;

/// <summary>The first line of DESIGN 5's table.</summary>
public sealed unsafe class AccessorTests(TrapEngine engine) : TrapContract(engine)
{
    public delegate int Accessor(byte* address);

    private static IEnumerable<TestCaseData> All => AccessorCases.All;

    [TestCaseSource(nameof(All))]
    public void An_accessor_is_served_on_the_faulting_thread(Accessor touch, FaultAccess access)
    {
        ulong server = 0;
        using TestPager pager = Pager((pager, page, access) =>
        {
            server = Helpers.kh_thread_id();
            return pager.Grant(page, access);
        });
        long before = Trap.Statistics.AccessorFaults;

        int status = touch(pager.Address + Section.PageSize + 24);

        Assert.That(status, Is.Zero);
        Assert.That(server, Is.EqualTo(Helpers.kh_thread_id()));
        Assert.That(pager.Upcalls, Is.EqualTo(1));
        Assert.That(pager.LastFault.Way, Is.EqualTo(FaultWay.Accessor));
        Assert.That(pager.LastFault.Access, Is.EqualTo(access));
        Assert.That(pager.LastFault.Offset, Is.EqualTo(Section.PageSize + 24));
        Assert.That(Trap.Statistics.AccessorFaults - before, Is.EqualTo(1));
    }

    [Test]
    public void What_accessors_write_the_kernel_view_and_other_accessors_read()
    {
        using TestPager pager = Pager();
        byte* window = pager.Address;
        ulong previous;
        Assert.That(Accessors.Store8(window, 0x11), Is.Zero);
        Assert.That(Accessors.Store16(window + 2, 0x2233), Is.Zero);
        Assert.That(Accessors.Store32(window + 4, 0x44556677), Is.Zero);
        Assert.That(Accessors.Store64(window + 8, 0x8899_aabb_ccdd_eeff), Is.Zero);
        Assert.That(Accessors.CompareExchange64(window + 16, 5, 0, &previous), Is.Zero);
        Assert.That(previous, Is.Zero);
        Assert.That(Accessors.CompareExchange64(window + 16, 6, 0, &previous), Is.Zero);
        Assert.That(previous, Is.EqualTo(5));
        Assert.That(Accessors.Fill(window + 24, 0xfe, 3), Is.Zero);

        byte[] expected =
        [
            0x11, 0, 0x33, 0x22, 0x77, 0x66, 0x55, 0x44, 0xff, 0xee, 0xdd, 0xcc, 0xbb, 0xaa, 0x99, 0x88,
            5, 0, 0, 0, 0, 0, 0, 0, 0xfe, 0xfe, 0xfe, 0,
        ];
        Assert.That(new Span<byte>(pager.Section.PageAddress(0), expected.Length).ToArray(), Is.EqualTo(expected));

        byte b;
        ushort s;
        uint i;
        ulong l;
        Assert.That(Accessors.Load8(window, &b) + Accessors.Load16(window + 2, &s), Is.Zero);
        Assert.That(Accessors.Load32(window + 4, &i) + Accessors.Load64(window + 8, &l), Is.Zero);
        Assert.That((b, s, i, l), Is.EqualTo(((byte)0x11, (ushort)0x2233, 0x44556677u, 0x8899_aabb_ccdd_eefful)));
    }

    [Test]
    public void An_access_across_two_pages_faults_on_each()
    {
        using TestPager pager = Pager();
        Assert.That(Accessors.Store64(pager.Address + Section.PageSize - 3, 0x0102_0304_0506_0708), Is.Zero);
        Assert.That(pager.Upcalls, Is.EqualTo(2));
        ulong value;
        Assert.That(Accessors.Load64(pager.Address + Section.PageSize - 3, &value), Is.Zero);
        Assert.That(value, Is.EqualTo(0x0102_0304_0506_0708));
    }

    [Test]
    public void A_copy_goes_on_where_it_faulted()
    {
        using TestPager pager = Pager();
        byte[] bytes = new byte[16 * Section.PageSize];
        new Random(1).NextBytes(bytes);
        byte[] back = new byte[bytes.Length];
        byte* second = pager.Address + 1000 * Section.PageSize;
        fixed (byte* from = bytes, to = back)
        {
            Assert.That(Accessors.Copy(pager.Address + 100, from, (ulong)bytes.Length), Is.Zero);
            pager.Window.TryProtect(0, 17, PageAccess.None);
            Assert.That(Accessors.Copy(second + 7, pager.Address + 100, (ulong)bytes.Length), Is.Zero);
            pager.Window.TryProtect(1000, 17, PageAccess.None);
            Assert.That(Accessors.Copy(to, second + 7, (ulong)bytes.Length), Is.Zero);
        }

        Assert.That(back, Is.EqualTo(bytes));
        Assert.That(pager.Upcalls, Is.EqualTo(4 * 17));
    }

    [Test]
    public void A_page_granted_beforehand_does_not_fault()
    {
        // What a lease does: bring in, grant, and only then hand the span out.
        using TestPager pager = Pager(static (_, _, _) => 35);
        pager.Grant(10, FaultAccess.Write, pageCount: 20);
        TrapStatistics before = Trap.Statistics;
        var span = new Span<byte>(pager.Address + 10 * Section.PageSize, 20 * Section.PageSize);
        span.Fill(7);
        Assert.That(span.IndexOfAnyExcept((byte)7), Is.EqualTo(-1));
        Assert.That(Trap.Statistics with { }, Is.EqualTo(before));
        Assert.That(pager.Upcalls, Is.Zero);
    }

    [Test]
    public void A_write_to_a_page_granted_for_reading_faults_as_a_write()
    {
        using TestPager pager = Pager();
        ulong value;
        _ = Accessors.Load64(pager.Address, &value);
        Assert.That(pager.LastFault.Access, Is.EqualTo(FaultAccess.Read));
        Assert.That(Accessors.Store64(pager.Address, 3), Is.Zero);
        Assert.That(pager.LastFault.Access, Is.EqualTo(FaultAccess.Write));
        Assert.That(pager.Upcalls, Is.EqualTo(2));
    }
}

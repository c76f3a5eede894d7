using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using NUnit.Framework;
using Runtime.Native;

namespace Runtime.Tests.Native.Memory;

/// <summary>DESIGN 4: closing, and what becomes of the addresses.</summary>
public sealed unsafe partial class WindowTests(TrapEngine engine) : TrapContract(engine)
{
    [Test]
    public void A_closed_window_stays_closed()
    {
        TestPager pager = Pager();
        byte* address = pager.Address;
        Assert.That(Accessors.Store8(address, 1), Is.Zero);
        pager.Window.Dispose();
        pager.Window.Dispose();

        Assert.That(pager.Window.IsClosed, Is.True);
        Assert.That(pager.Window.TryProtect(0, 4, PageAccess.ReadWrite), Is.True, "harmless");
        Assert.That(Accessors.Store8(address, 2), Is.EqualTo(FaultStatus.Closed));
        Assert.That(*pager.Section.PageAddress(0), Is.EqualTo(1));
        pager.Dispose();
    }

    [Test]
    public void A_window_keeps_its_handler_alive()
    {
        (Section section, Window window) = OpenWithoutKeepingTheHandler();
        Collect();
        byte value;
        Assert.That(Accessors.Load8(window.Address, &value), Is.EqualTo(LonelyHandler.Status));
        window.Dispose();
        section.Dispose();
    }

    [Test]
    public void Addresses_are_used_again_only_when_nobody_refers_to_the_window()
    {
        // Windows of 32 GiB: the arena's pieces of 1 TiB are soon full, and the search begins anew.
        const long Length = 32L << 30;
        using TestPager kept = Pager(length: Length);
        long keptAddress = (long)kept.Address;
        kept.Window.Dispose();
        var seen = new HashSet<long>();
        bool isReused = false;
        for (int i = 0; i < 100 && !isReused; i++)
        {
            long address = OpenAndForget(Length);
            Assert.That(Math.Abs(address - keptAddress) < Length, Is.False);
            isReused = !seen.Add(address);
            Collect();
        }

        Assert.That(isReused, Is.True);
        byte value;
        Assert.That(Accessors.Load8((byte*)keptAddress, &value), Is.EqualTo(FaultStatus.Closed));
        GC.KeepAlive(kept);
    }

    [Test]
    public void A_window_forgotten_open_is_given_back()
    {
        long before = MappingBudget.Used;
        for (int i = 0; i < 50; i++)
        {
            OpenAndForget(Arena.UnitSize);
        }

        Assert.That(MappingBudget.Used, Is.GreaterThan(before));
        Assert.That(() =>
        {
            Collect();
            return MappingBudget.Used;
        }, Is.LessThanOrEqualTo(before).After(5000, 50));
    }

    [Test]
    public void A_window_that_cannot_be_opened_takes_nothing()
    {
        long limit = MappingBudget.Limit;
        using TestPager pager = Pager();
        long before = MappingBudget.Used;
        try
        {
            MappingBudget.Limit = before;
            Assert.That(
                () => pager.Section.OpenWindow("one too many", pager),
                Throws.TypeOf<MemoryException>().With.Message.Contains("mappings"));
            Assert.That(() => Engine.CreateSection(1), OperatingSystem.IsLinux()
                ? Throws.TypeOf<MemoryException>().With.Message.Contains("vm.max_map_count")
                : Throws.Nothing);
        }
        finally
        {
            MappingBudget.Limit = limit;
        }

        Assert.That(MappingBudget.Used, Is.EqualTo(before));
    }

    [Test]
    public void Lowering_takes_from_those_that_have_more_and_leaves_the_others([Values(1, 2, 3)] int seed)
    {
        const int Pages = 300;
        const int Refused = 35;
        var random = new Random(seed);
        using TestPager pager = Pager(static (_, _, _) => Refused, length: Pages * Section.PageSize);
        Assert.That(pager.Section.TryPopulate(0, Pages, out _), Is.True);
        var model = new PageAccess[Pages];
        for (int step = 0; step < 200; step++)
        {
            int first = random.Next(Pages);
            int count = random.Next(1, random.Next(2) == 0 ? 10 : Pages - first + 1);
            count = Math.Min(count, Pages - first);
            var access = (PageAccess)random.Next(3);
            bool isLowered = access != PageAccess.ReadWrite && random.Next(2) == 0;
            Assert.That(
                isLowered
                    ? pager.Window.TryLower(first, count, access)
                    : pager.Window.TryProtect(first, count, access),
                Is.True);
            for (int page = first; page < first + count; page++)
            {
                model[page] = isLowered && model[page] < access ? model[page] : access;
            }

            for (int page = 0; page < Pages; page++)
            {
                byte* address = pager.Address + page * Section.PageSize;
                byte value;
                bool isReadable = Accessors.Load8(address, &value) == 0;
                bool isWritable = Accessors.Store8(address, 1) == 0;
                Assert.That(
                    (isReadable, isWritable),
                    Is.EqualTo((model[page] >= PageAccess.Read, model[page] == PageAccess.ReadWrite)),
                    $"seed {seed}, step {step}, page {page}");
            }
        }

        Assert.That(
            () => pager.Window.TryLower(pager.Window.Length / Section.PageSize, 1, PageAccess.None),
            Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void A_system_call_with_a_pointer_to_a_closed_page_fails_and_is_no_fault()
    {
        using TestPager pager = Pager();
        TrapStatistics before = Trap.Statistics;
        Assert.That(
            WriteToFile(pager.Address),
            OperatingSystem.IsWindows() ? Is.AnyOf(ERROR_NOACCESS, ERROR_INVALID_USER_BUFFER) : Is.EqualTo(EFAULT));
        Assert.That(pager.Upcalls, Is.Zero);
        Assert.That(Trap.Statistics, Is.EqualTo(before));

        // What one does instead: bring the page in first.
        pager.Grant(0, FaultAccess.Read);
        Assert.That(WriteToFile(pager.Address), Is.Zero);
    }

    private const int EFAULT = 14;
    private const int ERROR_NOACCESS = 998;
    private const int ERROR_INVALID_USER_BUFFER = 1784;

    /// <summary>0, or the number of the error.</summary>
    private static int WriteToFile(byte* bytes)
    {
        using var file = new FileStream(
            Path.GetTempFileName(), FileMode.Open, FileAccess.Write, FileShare.None, 0, FileOptions.DeleteOnClose);
        nint handle = file.SafeFileHandle.DangerousGetHandle();
        bool isWritten = OperatingSystem.IsWindows()
            ? WriteFile(handle, bytes, 8, out _, 0) != 0
            : write((int)handle, bytes, 8) == 8;
        return isWritten ? 0 : Marshal.GetLastSystemError();
    }

    [LibraryImport("libc")]
    private static partial nint write(int fd, byte* buf, nint count);

    [LibraryImport("kernel32")]
    private static partial int WriteFile(nint file, byte* buffer, uint count, out uint written, nint overlapped);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private (Section, Window) OpenWithoutKeepingTheHandler()
    {
        Section section = Engine.CreateSection(1);
        return (section, section.OpenWindow("lonely", new LonelyHandler()));
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private long OpenAndForget(long length)
    {
        TestPager pager = Pager(length: length);
        return (long)pager.Address;
    }

    private static void Collect()
    {
        for (int i = 0; i < 2; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }

    private sealed class LonelyHandler : IFaultHandler
    {
        internal const int Status = 35;

        public int OnFault(ref readonly Fault fault) => Status;

        public bool TryWithdraw(long page) => true;
    }
}

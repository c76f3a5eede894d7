using NUnit.Framework;
using Runtime.Native;
using State = Runtime.Tests.Native.Helpers.State;

namespace Runtime.Tests.Native.Faults;

/// <summary>What a computation keeps in registers survives a fault, whichever way the fault takes.</summary>
public sealed unsafe class RegisterTests(TrapEngine engine) : TrapContract(engine)
{
    private const int Alignments = 64;

    // Carry, parity, adjust, zero, sign, overflow, and the direction of string instructions; bit 1 is always set.
    private const ulong AllFlags = 0x2 | 0x1 | 0x4 | 0x10 | 0x40 | 0x80 | 0x800 | 0x400;

    private const ulong DirectionFlag = 0x400;
    private const uint ExceptionsSeen = 0x3f;                       // of MXCSR: they stick, whoever raised them

    [Test]
    public void All_registers_survive_a_fault_served_on_its_thread_at_64_stack_alignments()
    {
        using TestPager pager = Pager(DisturbsRegisters);
        TouchAtAllAlignments(pager, Helpers.MarkNative, onBareThread: false);
        Assert.That(pager.Upcalls, Is.EqualTo(Alignments));
        Assert.That(pager.LastFault.Way, Is.EqualTo(FaultWay.NativeSection));
    }

    [Test]
    public void All_registers_survive_a_posted_fault_at_64_stack_alignments()
    {
        using TestPager pager = Pager(DisturbsRegisters);
        TouchAtAllAlignments(pager, mark: 0, onBareThread: false);
        Assert.That(pager.Upcalls, Is.EqualTo(Alignments));
        Assert.That(pager.LastFault.Way, Is.EqualTo(FaultWay.UnmarkedNative));
    }

    [Test]
    public void All_registers_survive_on_a_thread_without_an_alternate_stack_at_64_stack_alignments()
    {
        using TestPager pager = Pager(DisturbsRegisters);
        TouchAtAllAlignments(pager, Helpers.MarkNative, onBareThread: true);
        Assert.That(pager.Upcalls, Is.EqualTo(Alignments));
        Assert.That(pager.LastFault.Way, Is.EqualTo(FaultWay.NativeSection));
    }

    [Test]
    public void All_registers_survive_a_posted_fault_without_an_alternate_stack_at_64_stack_alignments()
    {
        using TestPager pager = Pager(DisturbsRegisters);
        TouchAtAllAlignments(pager, mark: 0, onBareThread: true);
        Assert.That(pager.Upcalls, Is.EqualTo(Alignments));
        Assert.That(pager.LastFault.Way, Is.EqualTo(FaultWay.UnmarkedNative));
    }

    [Test]
    public void All_registers_survive_when_nothing_faults()
    {
        // Shows that the helper itself keeps what it checks.
        using TestPager pager = Pager();
        pager.Grant(0, FaultAccess.Write, pageCount: Alignments);
        TouchAtAllAlignments(pager, mark: 0, onBareThread: false);
        Assert.That(pager.Upcalls, Is.Zero);
    }

    /// <summary>"Sets DF = 0, fninit, MXCSR = 0x1F80": an upcall is compiled code, which relies on them.</summary>
    [Test]
    public void An_upcall_begins_with_the_direction_cleared_and_floating_point_at_its_defaults()
    {
        var seen = new List<Helpers.Environment>();
        using TestPager pager = Pager((pager, page, access) =>
        {
            Helpers.kh_environment(out Helpers.Environment environment);
            seen.Add(environment);
            return pager.Grant(page, access);
        });
        TouchAtAllAlignments(pager, Helpers.MarkNative, onBareThread: false);

        Assert.That(seen, Has.Count.EqualTo(Alignments));
        Assert.That(seen.Select(static state => state.Flags & DirectionFlag), Is.All.Zero);
        Assert.That(seen.Select(static state => state.Mxcsr & ~ExceptionsSeen), Is.All.EqualTo(0x1f80));
        Assert.That(seen.Select(static state => state.X87Control), Is.All.EqualTo(0x037f));
        Assert.That(seen.Select(static state => state.X87Tags), Is.All.EqualTo(0xffff), "all registers empty");
    }

    [TestCase(true)]
    [TestCase(false)]
    public void The_error_number_survives_a_fault(bool inNativeSection)
    {
        // errno on Linux, the last error on Windows.
        using TestPager pager = Pager((pager, page, access) =>
        {
            _ = File.Exists("/no/such/file");
            return pager.Grant(page, access);
        });
        using Trap.SectionMark mark = inNativeSection ? Trap.NativeSection() : Trap.ManagedSection();
        for (int page = 0; page < 20; page++)
        {
            Assert.That(
                Helpers.kh_error_after_touch(pager.Address + page * Section.PageSize, 1000 + page),
                Is.EqualTo(1000 + page));
        }

        Assert.That(pager.Upcalls, Is.EqualTo(20));
    }

    /// <summary>Linux: the runtime's threads have an alternate stack, bare ones have none. Windows: nobody.</summary>
    private static void TouchAtAllAlignments(TestPager pager, nint mark, bool onBareThread)
    {
        Helpers.Vectors vectors = Helpers.kh_vectors();
        Helpers.Touched expected = OperatingSystem.IsLinux() && !onBareThread
            ? Helpers.Touched.HadAlternateStack
            : Helpers.Touched.None;
        TestContext.Out.WriteLine($"vector registers: {vectors}");
        for (int shift = 0; shift < Alignments; shift++)
        {
            State before = Pattern(shift, pager.Address + shift * Section.PageSize);
            State after;
            Helpers.Touched touched = Helpers.kh_touch_with_state(
                mark, &before, &after, (ulong)shift, vectors, onBareThread ? 1 : 0);
            Assert.That(touched, Is.EqualTo(expected), $"shift {shift}");
            AssertSame(before, after, shift);
            Assert.That(pager.Section.PageAddress(shift)[shift], Is.EqualTo(0x5a));
        }
    }

    /// <summary>Uses vectors, floating point and the stack, as a manager that decompresses a page would.</summary>
    private static int DisturbsRegisters(TestPager pager, long page, FaultAccess access)
    {
        Span<double> numbers = stackalloc double[500];
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = Math.Sin(i) * page;
        }

        Span<byte> bytes = stackalloc byte[3000];
        bytes.Fill(0xee);
        bytes[..1000].CopyTo(bytes[1500..]);
        return numbers.IndexOf(double.NaN) < 0 ? pager.Grant(page, access) : 1;
    }

    private static State Pattern(int shift, byte* page)
    {
        State state = default;
        new Random(shift).NextBytes(new Span<byte>(&state, sizeof(State)));
        state.General[State.Rbx] = (ulong)(page + shift);
        state.Flags = 0x2 | (AllFlags & (ulong)new Random(shift + 1000).NextInt64());
        state.Mxcsr = 0x1f80u | (uint)(shift % 4 << 13);            // rounding; exceptions masked
        state.X87Control = 0x037fu ^ (uint)(shift % 4 << 10);       // the same
        for (int i = 0; i < 8; i++)
        {
            // Explicit integer bit set and an exponent in range: a number, which loading and storing leaves as it is.
            state.X87[i * 16 + 7] |= 0x80;
            state.X87[i * 16 + 9] = 0x3f;
        }

        return state;
    }

    private static void AssertSame(in State before, in State after, int shift)
    {
        fixed (State* a = &before, b = &after)
        {
            for (int i = 0; i < 16; i++)
            {
                if (i != State.Rsp)
                {
                    Assert.That(b->General[i], Is.EqualTo(a->General[i]), $"general register {i} at shift {shift}");
                }
            }

            Assert.That(b->Flags & AllFlags, Is.EqualTo(a->Flags), $"flags at shift {shift}");
            Assert.That(b->Mxcsr, Is.EqualTo(a->Mxcsr), $"MXCSR at shift {shift}");
            Assert.That(b->X87Control, Is.EqualTo(a->X87Control), $"x87 control word at shift {shift}");
            for (int i = 0; i < 8; i++)
            {
                AssertBytes(a->X87 + i * 16, b->X87 + i * 16, 10, $"st{i} at shift {shift}");
            }

            Helpers.Vectors vectors = Wine.KeptAcrossExceptions;
            int registers = vectors == Helpers.Vectors.Avx512 ? 32 : 16;
            for (int i = 0; i < registers; i++)
            {
                AssertBytes(a->Vector + i * 64, b->Vector + i * 64, 16 << (int)vectors, $"vector {i} at shift {shift}");
            }

            for (int i = 0; i < 8 && vectors == Helpers.Vectors.Avx512; i++)
            {
                Assert.That(b->Mask[i], Is.EqualTo(a->Mask[i]), $"k{i} at shift {shift}");
            }

            // Windows has no red zone: below the stack pointer an exception may write what it likes.
            if (OperatingSystem.IsLinux())
            {
                AssertBytes((byte*)a->RedZone, (byte*)b->RedZone, 128, $"red zone at shift {shift}");
            }
        }
    }

    private static void AssertBytes(byte* before, byte* after, int count, string what) =>
        Assert.That(
            new ReadOnlySpan<byte>(after, count).SequenceEqual(new ReadOnlySpan<byte>(before, count)), Is.True, what);
}

using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Capabilities;
using Runtime.Core.Containers;
using Runtime.Core.Loci;

namespace Runtime.Tests.Core.Loci;

/// <summary>get_in_args, get_out_args and their sizes, by docs/semantics.md, "Invocation".</summary>
public class BlockTests : LocusFixture
{
    private const ulong Length = 16;
    private const ulong EndOfContainer = 16 * PageNumber.Size;

    private static readonly (ulong Offset, ulong Length, Status Expected)[] s_ranges =
    [
        (0, 0, Status.Success),
        (0, Length, Status.Success),
        (5, 3, Status.Success),
        (Length - 1, 1, Status.Success),
        (Length - 1, 0, Status.Success),
        (Length, 0, Status.OffsetBeyondBlock),
        (Length, 1, Status.OffsetBeyondBlock),
        (ulong.MaxValue, 1, Status.OffsetBeyondBlock),
        (ulong.MaxValue, ulong.MaxValue, Status.OffsetBeyondBlock),
        (Length - 1, 2, Status.RangeBeyondBlock),
        (0, Length + 1, Status.RangeBeyondBlock),
        (1, ulong.MaxValue, Status.RangeBeyondBlock),
        (Length - 1, ulong.MaxValue - Length + 2, Status.RangeBeyondBlock),
        (8, 1UL << 63, Status.RangeBeyondBlock),
    ];

    private static readonly (ulong Destination, ulong Length, Status Expected)[] s_destinations =
    [
        (EndOfContainer - 8, 8, Status.Success),
        (EndOfContainer - 7, 8, Status.OutOfRange),
        (EndOfContainer, 1, Status.OutOfRange),
        (EndOfContainer, 0, Status.Success),
        (ulong.MaxValue - 3, 8, Status.OutOfRange),
        (ulong.MaxValue, 1, Status.OutOfRange),
        (1UL << 63, 8, Status.OutOfRange),
    ];

    [Test]
    public void Parts_are_copied_and_every_other_range_is_refused([Values] bool isStep, [Values] bool isOut)
    {
        var wrong = new List<string>();
        Passing(isStep, isOut, (calls, view) =>
        {
            view.Write(0, 0L);
            foreach ((ulong offset, ulong length, Status expected) in s_ranges)
            {
                for (ulong i = 0; i < Length; i++)
                {
                    view.Write((long)i, (byte)99);
                }

                Status status = Get(calls, isOut, 0, offset, length);
                if (status != expected)
                {
                    wrong.Add($"({offset}, {length}): {status}, not {expected}");
                }

                for (ulong i = 0; i < Length; i++)
                {
                    byte hoped = status == Status.Success && i < length ? (byte)(offset + i) : (byte)99;
                    if (view.Read<byte>((long)i) != hoped)
                    {
                        wrong.Add($"({offset}, {length}): byte {i} is {view.Read<byte>((long)i)}, not {hoped}");
                    }
                }
            }
        });

        Assert.That(wrong, Is.Empty);
    }

    [Test]
    public void The_destination_is_checked_after_the_range([Values] bool isStep, [Values] bool isOut)
    {
        var wrong = new List<string>();
        Passing(isStep, isOut, (calls, _) =>
        {
            foreach ((ulong destination, ulong length, Status expected) in s_destinations)
            {
                Status status = Get(calls, isOut, destination, 0, length);
                Status beyond = Get(calls, isOut, destination, Length, length);
                Status tooLong = Get(calls, isOut, destination, 1, Length);
                if ((status, beyond, tooLong)
                    != (expected, Status.OffsetBeyondBlock, Status.RangeBeyondBlock))
                {
                    wrong.Add($"{destination}, {length}: {status}, {beyond}, {tooLong}");
                }
            }
        });

        Assert.That(wrong, Is.Empty);
    }

    [Test]
    public void A_destination_that_cannot_be_had_is_a_status_and_the_locus_goes_on(
        [Values] bool isStep, [Values] bool isOut)
    {
        var statuses = new List<Status>();
        Manager.OnFault = (in fault, _) =>
        {
            if (fault.Page.Value == 7)
            {
                return Status.IoError;
            }

            Manager.Supply(in fault);
            return Status.Success;
        };
        Passing(isStep, isOut, (calls, view) =>
        {
            statuses.Add(Get(calls, isOut, 7 * PageNumber.Size, 0, 8));
            statuses.Add(Get(calls, isOut, 8 * PageNumber.Size, 0, 8));
        });

        Assert.That(statuses, Is.EqualTo([Status.IoError, Status.Success]));
    }

    [Test]
    public void Without_a_block_the_size_is_zero_and_every_range_is_beyond([Values] bool isStep)
    {
        using Container home = Create("home");
        var seen = new List<string>();
        void Look(SystemCalls calls)
        {
            seen.Add($"{calls.GetInSize()} {calls.GetOutSize()}");
            seen.Add($"{calls.GetInArgs(0, 0, 0)} {calls.GetOutArgs(0, 0, 0)}");
        }

        Locus locus = isStep
            ? At(home, locus =>
            {
                Look(locus.Calls);
                return locus.Return();
            })
            : AtDirect(home, locus => Look(locus.Calls));
        locus.Resume();
        Assert.That(locus.Completion.Result, Is.Empty);

        Assert.That(seen, Is.EqualTo(["0 0", "OffsetBeyondBlock OffsetBeyondBlock"]));
    }

    [Test]
    public void The_host_program_has_no_blocks()
    {
        SystemCalls calls = Kernel.Calls;

        Assert.Multiple(() =>
        {
            Assert.That(calls.GetInSize(), Is.Zero);
            Assert.That(calls.GetOutSize(), Is.Zero);
            Assert.That(calls.GetInArgs(0, 0, 0), Is.EqualTo(Status.NotSupported));
            Assert.That(calls.GetOutArgs(0, 0, 0), Is.EqualTo(Status.NotSupported));
            Assert.That(calls.KmoReturn(0, 0), Is.EqualTo(Status.NotSupported));
        });
    }

    [Test]
    public void The_block_passed_in_is_there_again_after_a_nested_return([Values] bool isStep)
    {
        using Container inner = Create("inner", locus => locus.Return(Bytes(Value(locus.InArguments) + 1)));
        using Capability toInner = inner.GetCapability();
        using Container outer = isStep
            ? Create("outer", locus => locus.ResumePoint == 0
                ? locus.Invoke(CapRef.Container(0), Bytes(100), at: 1)
                : locus.Return(Bytes((1000 * Value(locus.InArguments)) + Value(locus.OutArguments))))
            : CreateDirect("outer", locus =>
            {
                long result = Value(locus.Invoke(CapRef.Container(0), Bytes(100)));
                locus.Return(Bytes((1000 * Value(locus.InArguments)) + result));
            });
        outer.Grant(0, toInner);
        using Capability toOuter = outer.GetCapability();

        Assert.That(Value(Kernel.Invoke(toOuter, Bytes(5))), Is.EqualTo(5101));
    }

    [Test]
    public void Each_return_overwrites_the_block_of_the_last_one()
    {
        using Container echo = Create("echo", locus => locus.Return(locus.InArguments));
        using Capability toEcho = echo.GetCapability();
        using Container home = Create("home");
        var sizes = new List<ulong>();

        Run(
            home,
            locus =>
            {
                foreach (int size in (int[])[10, 0, 65_536, 3])
                {
                    locus.Invoke(CapRef.Locus(0), new byte[size]);
                    sizes.Add(locus.Calls.GetOutSize());
                    Assert.That(locus.OutArguments.Length, Is.EqualTo(size));
                }
            },
            toEcho);

        Assert.That(sizes, Is.EqualTo([10, 0, 65_536, 3]));
    }

    [Test]
    public void The_largest_block_passes_whole_both_ways()
    {
        var block = new byte[LocusLimits.ArgumentBlockSize];
        new Random(1).NextBytes(block);
        using Container echo = Create("echo", locus => locus.Return(locus.InArguments));
        using Capability toEcho = echo.GetCapability();

        Assert.That(Kernel.Invoke(toEcho, block), Is.EqualTo(block));
        Assert.That(
            StatusOf(() => Kernel.Invoke(toEcho, new byte[block.Length + 1])), Is.EqualTo(Status.ArgBlockTooLarge));
        Assert.That(
            StatusOf(() => Kernel.CreateLocus("echo", "echo", new byte[block.Length + 1])),
            Is.EqualTo(Status.ArgBlockTooLarge));
    }

    [Test]
    public void A_result_that_does_not_fit_is_cut_and_its_length_told()
    {
        using Container echo = Create("echo", locus => locus.Return(locus.InArguments));
        using Capability toEcho = echo.GetCapability();
        var result = new byte[4];

        Assert.That(Kernel.Invoke(toEcho, Bytes(0x0807060504030201), result), Is.EqualTo(8));
        Assert.That(result, Is.EqualTo((byte[])[1, 2, 3, 4]));
    }

    /// <summary>Has a container look at a block of 16 bytes, 0 to 15, that it was passed or returned.</summary>
    private void Passing(bool isStep, bool isOut, Action<SystemCalls, ContainerView> look)
    {
        byte[] block = [.. Enumerable.Range(0, (int)Length).Select(value => (byte)value)];
        using Container callee = Create("callee", locus => locus.Return(block));
        using Capability toCallee = callee.GetCapability();
        using Container looking = isStep
            ? Create("looking", locus =>
            {
                if (isOut && locus.ResumePoint == 0)
                {
                    return locus.Invoke(CapRef.Container(0), at: 1);
                }

                look(locus.Calls, locus.View);
                return locus.Return();
            })
            : CreateDirect("looking", locus =>
            {
                if (isOut)
                {
                    locus.Invoke(CapRef.Container(0));
                }

                look(locus.Calls, locus.View);
            });
        looking.Grant(0, toCallee);
        using Capability toLooking = looking.GetCapability();
        Kernel.Invoke(toLooking, isOut ? [] : block);
    }

    private static Status Get(SystemCalls calls, bool isOut, ulong destination, ulong offset, ulong length) =>
        isOut ? calls.GetOutArgs(destination, offset, length) : calls.GetInArgs(destination, offset, length);
}

using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Capabilities;
using Runtime.Core.Loci;
using Runtime.Core.Storage;
using Runtime.Tests.Core.Capabilities;

namespace Runtime.Tests.Core.Storage;

/// <summary>Whatever bytes a record holds, a kernel boots or says that its log is damaged.</summary>
public class ContainerStateTests
{
    [Test]
    public void Any_bytes_are_read_or_refused()
    {
        const int Seed = 20;
        var random = new Random(Seed);
        byte[] good = Good().Encode();
        Assert.That(() => Boot(good), Throws.Nothing);
        for (int round = 0; round < (OperatingSystem.IsWindows() ? 200 : 2000); round++)
        {
            byte[] bytes = random.Next(3) switch
            {
                0 => good[..random.Next(good.Length)],
                1 => [.. good, .. new byte[random.Next(50)]],
                _ => [.. good],
            };
            for (int changes = random.Next(4); changes > 0 && bytes.Length > 0; changes--)
            {
                bytes[random.Next(bytes.Length)] =
                    (byte)(random.Next(2) == 0 ? random.Next(256) : random.Next(4));
            }

            Assert.That(() => Boot(bytes), Throws.Nothing, $"seed {Seed}, round {round}");
        }
    }

    [Test]
    public void Groups_that_make_no_tree_are_damage_or_no_groups()
    {
        foreach (GroupState[] groups in (GroupState[][])
            [
                [new(0, 0, KernelRights.All, 0), new(0, 0, KernelRights.All, 0)],
                [new(0, 0, KernelRights.All, 0), new(7, 7, KernelRights.All, 0)],
                [new(7, 0, KernelRights.All, 0), new(0, 0, KernelRights.All, 0)],
                [new(7, 8, KernelRights.All, 0), new(8, 7, KernelRights.All, 0)],
                [new(0, 0, KernelRights.All, 0), new(5, 0, KernelRights.All, 0), new(5, 0, KernelRights.All, 0)],
                [new(3, 3, KernelRights.All, 0), new(3, 3, KernelRights.All, 0)],
            ])
        {
            byte[] bytes = (Good() with { Groups = groups }).Encode();
            Assert.That(() => Boot(bytes), Throws.Nothing, string.Join(' ', groups));
        }
    }

    [Test]
    public void A_block_that_is_too_large_is_damage([Values] bool isOut)
    {
        var block = new byte[LocusLimits.ArgumentBlockSize + 1];
        LocusRecord locus = Good().Loci[0];
        locus = isOut
            ? locus with { Out = block }
            : locus with { Stack = [locus.Stack[0] with { In = block }] };

        Assert.That(() => Boot((Good() with { Loci = [locus] }).Encode()), Throws.Nothing);
    }

    /// <summary>Made from docs/format.md, by hand and not by the encoder.</summary>
    [Test]
    public void A_record_has_the_bytes_of_the_format()
    {
        const string Golden =
            "010005000000656e7472790300000000000000000000000000000000000000ff030000ffffffff0300000000" +
            "0000000000000000000000080000000700000004000000000000000300000000000000080000000100000003" +
            "000000000000000100000000000000000000000000000009000000010000000000000004000000000000004d" +
            "0000006300000000000000000000000000000001000000050000000000000002000000000000000100000010" +
            "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000" +
            "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000" +
            "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000002" +
            "0000000102010000000000000001000000000000000300000000000000020000000100000000000000050000" +
            "00656e7472790300000000000000070000000100000001010000000000000000000000010000000000000000" +
            "0000000000000000000100000000000000010000000000000007000000756e6b6e6f776e0400000000000000" +
            "080000000000000000000000";

        Assert.That(Convert.ToHexStringLower(Good().Encode()), Is.EqualTo(Golden));
    }

    [Test]
    public void A_good_record_is_not_damage() => Assert.That(Boot(Good().Encode()), Is.True);

    private static ContainerState Good() => new(
        "entry",
        [
            new(0, 0, KernelRights.All, uint.MaxValue),
            new(3, 0, KernelRights.Invoke, 7),
            new(4, 3, KernelRights.Invoke, 1),
        ],
        [new(0, 1, 0), new(9, 1, 4), new(77, 99, 0)],
        [
            new(5, 2, IsSuspended: true, Status.Success, new ulong[16], [1, 2], [new(0, 1, 3)],
                [new(1, "entry", 3, 7, [1], [new(0, 1, 0, 65_536, Access.Read)]), new(1, "unknown", 4, 8, [], [])]),
        ]);

    /// <returns>Whether the log was taken for good.</returns>
    private static bool Boot(byte[] state)
    {
        var log = new TestLog(
            [
                new KernelLogRecord((byte)KernelRecordKind.Numbers, 0, 0, BitConverter.GetBytes(10L)),
                new KernelLogRecord((byte)KernelRecordKind.Container, 1, 1, state),
            ]);
        var volume = new TestVolume(log);
        ContainerRecord container = volume.Create("c", 4096, "test");
        volume.Commit(container, 1);
        using var manager = new TestManager();
        var options = new KernelOptions
        {
            OpenVolume = () => volume,
            DefaultManager = "test",
            ResumesLoci = false,
            LocusThreads = 1,
        };
        options.Managers.Add("test", () => manager);
        options.Entries.Add("entry", locus => locus.Return());
        using Kernel kernel = Kernel.Boot(options);
        try
        {
            using Capability capability = kernel.GetCapability("c");
            using Capability derived = capability.Derive(KernelRights.All);
            KernelImage.Of(kernel);
            capability.DestroyGroup();
            foreach (Locus locus in kernel.Loci)
            {
                locus.Resume();
            }

            return true;
        }
        catch (VolumeException)
        {
            return false;
        }
    }
}

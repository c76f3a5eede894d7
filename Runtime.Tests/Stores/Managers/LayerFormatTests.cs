using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Capabilities;
using Runtime.Core.Containers;
using Runtime.Stores;
using Runtime.Stores.Managers;
using Runtime.Tests.Support;

namespace Runtime.Tests.Stores.Managers;

/// <summary>Backing containers have the bytes that docs/format.md describes, read here by other code.</summary>
public class LayerFormatTests
{
    private static readonly byte[] s_key = [.. Enumerable.Range(0, 32).Select(i => (byte)(i * 7))];

    private TemporaryDirectory _directory = null!;

    [SetUp]
    public void CreateDirectory() => _directory = new TemporaryDirectory();

    [TearDown]
    public void DeleteDirectory() => _directory.Dispose();

    [TestCase(128)]
    [TestCase(16384)]
    public void Lengths_can_be_told_from_each_other(int groupPages)
    {
        var layout = new LayerLayout(groupPages);
        var random = new Random(1);
        foreach (long length in Enumerable.Range(0, 3000).Select(i => i < 1000 ? i * 777L : random.NextInt64(1L << 39))
            .Concat([0, 1, 4095, 4096, 4097, groupPages * 4096L, (groupPages * 4096L) + 1]).Order())
        {
            long backing = layout.BackingLength(length);
            Assert.That(layout.Length(backing), Is.EqualTo(length));
            if (length > 0)
            {
                Assert.That(backing, Is.GreaterThanOrEqualTo((layout.BackingPage((length - 1) / 4096) + 1) * 4096));
            }
        }
    }

    [Test]
    public void An_encrypted_page_can_be_read_by_the_book()
    {
        byte[] page = new byte[4096];
        Pattern.FillPage(130, page);
        using Kernel kernel = Boot(_directory["home"]);
        using Container below = Save(kernel, "encrypting", page);

        byte[] header = Read(below, 0, 60);
        AssertHeader(header, kind: 1);
        byte[] identity = header[16..32];
        byte[] key = HKDF.DeriveKey(
            HashAlgorithmName.SHA256, s_key, 32, identity, "katydid encrypting layer 1"u8.ToArray());
        using var cipher = new AesGcm(key, 16);
        cipher.Decrypt(header.AsSpan(32, 12), default, header.AsSpan(44, 16), default, header.AsSpan(0, 32));

        byte[] entry = Read(below, (1 + 129) * 4096 + (2 * 32), 32);
        byte[] place = [.. identity, .. BitConverter.GetBytes(130L)];
        byte[] found = new byte[4096];
        cipher.Decrypt(entry[..12], Read(below, (1 + 129 + 1 + 2) * 4096, 4096), entry[12..28], found, place);
        Assert.That(found, Is.EqualTo(page));
        Assert.That(entry[28..], Is.EqualTo(new byte[] { 1, 0, 0, 0 }));
        Assert.That(below.Length, Is.EqualTo((1 + 129 + 1 + 72) * 4096 + 100));
    }

    [Test]
    public void A_compressed_unit_can_be_read_by_the_book()
    {
        byte[] page = [.. Enumerable.Repeat((byte)5, 4096)];
        using Kernel kernel = Boot(_directory["home"]);
        using Container below = Save(kernel, "compressing", page);

        AssertHeader(Read(below, 0, 60), kind: 2);
        int length = BinaryPrimitives.ReadInt32LittleEndian(Read(below, 4096 + (8 * 4), 4));
        byte[] unit = new byte[16 * 4096];
        Assert.That(
            BrotliDecoder.TryDecompress(Read(below, (1 + 1 + 128) * 4096, length), unit, out int written));
        Assert.That(written, Is.EqualTo(unit.Length));
        Assert.That(unit[(2 * 4096)..(3 * 4096)], Is.EqualTo(page));
        Assert.That(below.Length, Is.EqualTo((1 + 1 + 200) * 4096 + 100));
    }

    [TestCase("compressing")]
    [TestCase("both")]
    public void Capabilities_of_a_container_in_layers_are_kept_with_its_versions(string manager)
    {
        for (int round = 0; round < 3; round++)
        {
            using Kernel kernel = Boot(_directory["home"], snapshotOnDispose: false);
            Container container = kernel.OpenContainer("a", 1 << 20, manager);
            if (round == 0)
            {
                container.SetInvocationPoint("one");
                container.View.Write(0, 1);
                container.TakeSnapshot().WaitForDurable();
                using Capability capability = container.GetCapability();
                container.Grant(3, capability);
                container.View.Write(0, 2);
                container.TakeSnapshot().WaitForDurable();
                container.RemoveInvocationPoint();              // not kept: there is no version with it
            }

            Assert.That(container.View.Read<int>(0), Is.EqualTo(2));
            Assert.That(container.Entity!.Table.Find(3), Is.Not.Null, $"round {round}");
            Assert.That(container.InvocationPoint, Is.EqualTo(round == 0 ? null : "one"));
        }
    }

    private static Kernel Boot(string directory, bool snapshotOnDispose = true)
    {
        var options = new KernelOptions { Volume = directory, SnapshotOnDispose = snapshotOnDispose };
        options.Managers.Add("encrypting", () => new EncryptingManager(s_key));
        options.Managers.Add("compressing", () => new CompressingManager());
        options.Managers.Add(
            "both", () => new CompressingManager(new CompressingOptions { Below = "encrypting" }));
        options.Entries.Add("one", locus => locus.Return());
        return Kernel.Boot(options);
    }

    private static Container Save(Kernel kernel, string manager, byte[] page)
    {
        using (Container container = kernel.OpenContainer("a", (199 * 4096) + 100, manager))
        {
            container.View.Write(130 * 4096, page);
        }

        return kernel.OpenContainer(kernel.Containers.Single(record => record.Name.StartsWith(".layer/")).Name);
    }

    private static byte[] Read(Container container, long offset, int length)
    {
        byte[] bytes = new byte[length];
        container.View.Read(offset, bytes);
        return bytes;
    }

    private static void AssertHeader(byte[] header, int kind)
    {
        Assert.That(header[..8], Is.EqualTo("KATYDLYR"u8.ToArray()));
        Assert.That(header[8..16], Is.EqualTo(new byte[] { 1, 0, (byte)kind, 0, 0, 0, 0, 0 }));
    }
}

using System.Text;
using NUnit.Framework;
using Runtime.Stores.Volumes;

namespace Runtime.Tests.Stores.Volumes;

public class Crc32CTests
{
    // RFC 3720, appendix B.4, and the check value of the CRC catalogue.
    private static IEnumerable<TestCaseData> KnownVectors =>
    [
        new(Array.Empty<byte>(), 0x00000000u),
        new(Encoding.ASCII.GetBytes("123456789"), 0xE3069283u),
        new(new byte[32], 0x8A9136AAu),
        new(Enumerable.Repeat((byte)0xFF, 32).ToArray(), 0x62A8AB43u),
        new(Enumerable.Range(0, 32).Select(i => (byte)i).ToArray(), 0x46DD794Eu),
        new(Enumerable.Range(0, 32).Select(i => (byte)(31 - i)).ToArray(), 0x113FDB5Cu),
    ];

    [TestCaseSource(nameof(KnownVectors))]
    public void Known_vectors_come_out(byte[] bytes, uint expected)
    {
        Assert.That(Crc32C.Compute(bytes), Is.EqualTo(expected));
        Assert.That(Crc32C.ComputeInSoftware(bytes), Is.EqualTo(expected));
    }

    [Test]
    public void The_processor_and_the_table_agree_at_every_length_and_alignment()
    {
        var bytes = new byte[600];
        new Random(1).NextBytes(bytes);
        for (int length = 0; length < 512; length++)
        {
            ReadOnlySpan<byte> part = bytes.AsSpan(length % 17, length);
            Assert.That(Crc32C.Compute(part), Is.EqualTo(Crc32C.ComputeInSoftware(part)));
        }
    }
}

using NUnit.Framework;
using Runtime.Tool.Arguments;

namespace Runtime.Tests.Tool.Arguments;

public class HexBytesTests
{
    [TestCase("00", new byte[] { 0 })]
    [TestCase("7fELF", null)]
    [TestCase("7f454C46", new byte[] { 0x7F, 0x45, 0x4C, 0x46 })]
    [TestCase("7f 45 4c46", new byte[] { 0x7F, 0x45, 0x4C, 0x46 })]
    [TestCase("  7f  45 ", new byte[] { 0x7F, 0x45 })]
    [TestCase("7 f", null)]
    [TestCase("7f4", null)]
    [TestCase("0x7f", null)]
    [TestCase("7f,45", null)]
    public void Pairs_of_digits_are_bytes_and_anything_else_is_nothing(string text, byte[]? expected)
    {
        Assert.That(HexBytes.TryParse(text, out byte[]? bytes), Is.EqualTo(expected is not null));
        Assert.That(bytes, Is.EqualTo(expected));
    }
}

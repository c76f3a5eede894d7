using NUnit.Framework;
using Runtime.Tool.Demo;

namespace Runtime.Tests.Tool.Demo;

public class DemoContentTests
{
    [TestCase(1)]
    [TestCase(10)]
    [TestCase(4096)]
    [TestCase(4097)]
    [TestCase(1_000_003)]
    [TestCase(20_000_001)]
    public void Content_predicted_in_pieces_is_what_the_writers_write(int length)
    {
        var content = new DemoContent(length);
        byte[] written = new byte[length];
        content.Patch.CopyTo(written.AsSpan((int)content.PatchOffset));
        for (int index = 0; index < content.StampCount; index++)
        {
            content.Stamp(index, 5).CopyTo(written.AsSpan((int)content.StampOffset(index)));
        }

        byte[] predicted = new byte[length];
        const int OddPiece = 4001;
        for (int offset = 0; offset < length; offset += OddPiece)
        {
            content.Apply(offset, predicted.AsSpan(offset, Math.Min(OddPiece, length - offset)), round: 5);
        }

        Assert.That(predicted.AsSpan().SequenceEqual(written));
    }

    [Test]
    public void Before_the_first_round_there_is_the_patch_alone()
    {
        var content = new DemoContent(100_000);
        byte[] predicted = new byte[100_000];
        content.Apply(0, predicted, round: 0);
        Assert.That(predicted.AsSpan(50_000, content.Patch.Length).SequenceEqual(content.Patch));
        Assert.That(predicted.Count(value => value != 0), Is.EqualTo(content.Patch.Length));
    }

    [Test]
    public void A_round_of_a_large_file_stays_short() =>
        Assert.That(new DemoContent(1L << 40).StampCount, Is.EqualTo(2_000).Within(1));
}

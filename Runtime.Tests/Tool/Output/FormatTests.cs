using NUnit.Framework;
using Runtime.Tool.Output;

namespace Runtime.Tests.Tool.Output;

public class FormatTests
{
    [TestCase(0, "0 bytes")]
    [TestCase(1, "1 byte")]
    [TestCase(1023, "1,023 bytes")]
    [TestCase(1024, "1,024 bytes (1 KiB)")]
    [TestCase(1_234_567, "1,234,567 bytes (1.2 MiB)")]
    [TestCase(long.MaxValue, "9,223,372,036,854,775,807 bytes (8 EiB)")]
    public void Bytes_are_exact_and_also_rounded(long bytes, string expected) =>
        Assert.That(Format.Bytes(bytes), Is.EqualTo(expected));

    [TestCase(0, "0 ns")]
    [TestCase(999, "999 ns")]
    [TestCase(1024, "1.02 µs")]
    [TestCase(65_536, "65.5 µs")]
    [TestCase(524_288, "524 µs")]
    [TestCase(1.5e6, "1.5 ms")]
    [TestCase(12.34e9, "12.3 s")]
    [TestCase(1234e9, "1,234 s")]
    public void Durations_have_three_digits(double nanoseconds, string expected) =>
        Assert.That(Format.Nanoseconds(nanoseconds), Is.EqualTo(expected));

    [Test]
    public void Times_are_utc() => Assert.That(
        Format.Time(new DateTimeOffset(2026, 1, 31, 13, 0, 0, TimeSpan.FromHours(1))),
        Is.EqualTo("2026-01-31 12:00:00 UTC"));

    [Test]
    public void A_noun_is_counted()
    {
        Assert.That(Format.Count(1, "page"), Is.EqualTo("1 page"));
        Assert.That(Format.Count(0, "page"), Is.EqualTo("0 pages"));
        Assert.That(Format.Count(2_000, "retry", "retries"), Is.EqualTo("2,000 retries"));
    }
}

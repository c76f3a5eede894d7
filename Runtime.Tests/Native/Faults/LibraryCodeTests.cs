using System.IO.Compression;
using System.Security.Cryptography;
using NUnit.Framework;
using Runtime.Native;

namespace Runtime.Tests.Native.Faults;

/// <summary>
/// The runtime's own library over a raw window whose handler takes 500 ms: never rescued, whatever it is made of.
/// </summary>
public sealed unsafe class LibraryCodeTests(TrapEngine engine) : TrapContract(engine)
{
    private const int Pages = 64;
    private const int Bytes = Pages * Section.PageSize;

    [Test]
    public void Span_CopyTo_reads_a_raw_window([Values] bool isLoaded) =>
        OverSlowWindow(isLoaded, static (window, expected) =>
        {
            byte[] copy = new byte[Bytes];
            new ReadOnlySpan<byte>(window, Bytes).CopyTo(copy);
            Assert.That(copy.AsSpan().SequenceEqual(expected), Is.True);
        });

    [Test]
    public void Span_CopyTo_writes_a_raw_window([Values] bool isLoaded) =>
        OverSlowWindow(isLoaded, static (window, expected) =>
        {
            byte[] other = [.. Enumerable.Range(0, Bytes).Select(static i => (byte)(i * 3))];
            other.AsSpan().CopyTo(new Span<byte>(window, Bytes));
            Assert.That(new ReadOnlySpan<byte>(window, Bytes).SequenceEqual(other), Is.True);
        });

    [Test]
    public void Span_Clear_writes_a_raw_window([Values] bool isLoaded) =>
        OverSlowWindow(isLoaded, static (window, _) =>
        {
            new Span<byte>(window, Bytes).Clear();
            Assert.That(new ReadOnlySpan<byte>(window, Bytes).IndexOfAnyExcept((byte)0), Is.EqualTo(-1));
        });

    [Test]
    public void Span_IndexOf_searches_a_raw_window([Values] bool isLoaded) =>
        OverSlowWindow(isLoaded, static (window, expected) =>
            Assert.That(
                new ReadOnlySpan<byte>(window, Bytes).IndexOf(expected.AsSpan(Bytes - 100)), Is.EqualTo(Bytes - 100)));

    [Test]
    public void SHA256_HashData_reads_a_raw_window([Values] bool isLoaded) =>
        OverSlowWindow(isLoaded, static (window, expected) =>
            Assert.That(SHA256.HashData(new ReadOnlySpan<byte>(window, Bytes)), Is.EqualTo(SHA256.HashData(expected))));

    [Test]
    public void DeflateStream_Write_reads_a_raw_window([Values] bool isLoaded) =>
        OverSlowWindow(isLoaded, static (window, expected) =>
        {
            var compressed = new MemoryStream();
            using (var deflate = new DeflateStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
            {
                deflate.Write(new ReadOnlySpan<byte>(window, Bytes));
            }

            compressed.Position = 0;
            using var inflate = new DeflateStream(compressed, CompressionMode.Decompress);
            byte[] back = new byte[Bytes];
            inflate.ReadExactly(back);
            Assert.That(back.AsSpan().SequenceEqual(expected), Is.True);
        });

    private delegate void Use(byte* window, byte[] expected);

    /// <summary>Two faults of 500 ms for each use: the window comes in two halves.</summary>
    private void OverSlowWindow(bool isLoaded, Use use)
    {
        byte[] content = new byte[Bytes];
        new Random(7).NextBytes(content);
        using Load? load = isLoaded ? new Load(threads: 2) : null;
        using TestPager pager = Pager((pager, page, _) =>
        {
            const int Half = Pages / 2;
            Thread.Sleep(500);
            long first = page / Half * Half;
            pager.Section.TryPopulate(first, Half, out long _);
            if (pager.Upcalls <= 2)
            {
                content.AsSpan((int)first * Section.PageSize, Half * Section.PageSize)
                    .CopyTo(new Span<byte>(pager.Section.PageAddress(first), Half * Section.PageSize));
            }

            return pager.Grant(first, FaultAccess.Write, Half);
        });
        TrapStatistics before = Trap.Statistics;

        use(pager.Address, content);

        Assert.That(pager.Upcalls, Is.EqualTo(2));
        Assert.That(Trap.Statistics.Rescues, Is.EqualTo(before.Rescues));
        TestContext.Out.WriteLine(
            $"{Trap.Statistics.ManagedFaults - before.ManagedFaults} faults by managed code, "
            + $"{Trap.Statistics.UnmarkedNativeFaults - before.UnmarkedNativeFaults} by native code");
    }
}

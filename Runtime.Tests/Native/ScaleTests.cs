using System.Diagnostics;
using NUnit.Framework;
using Runtime.Native;
using Runtime.Tests.Support;

namespace Runtime.Tests.Native;

/// <summary>"10,000 small containers or 32 of 1 TiB; 1,000,000 scattered resident pages without an error."</summary>
[Deadline(600)]
public sealed unsafe class ScaleTests(TrapEngine engine) : TrapContract(engine)
{
    [Test]
    public void Thirty_two_windows_of_1_TiB_are_open_at_once()
    {
        // In a child, because Wine keeps notes of every page that was ever reserved: 8 GiB of them for 32 TiB.
        using ChildProcess child = ChildProcess.Start(OpensWindowsOf1TiB, Engine.Name);
        ChildExit exit = child.WaitForExit(TimeSpan.FromMinutes(5));
        Assert.That((exit.Code, exit.Output), Is.EqualTo((0, "32 windows\n")), exit.Error);
    }

    [Test]
    public void Ten_thousand_small_windows_are_open_at_once()
    {
        const int Count = 10_000;
        using var pagers = new Pagers();
        for (int i = 0; i < Count; i++)
        {
            byte* address = pagers.Add(Pager(length: 1)).Address;
            Assert.That(Accessors.Store64(address, (ulong)i), Is.Zero, $"window {i}");
        }

        for (int i = 0; i < Count; i++)
        {
            ulong value;
            Assert.That(Accessors.Load64(pagers[i].Address, &value), Is.Zero);
            Assert.That(value, Is.EqualTo((ulong)i));
        }
    }

    [Test]
    public void A_million_scattered_pages_are_resident_at_once()
    {
        // Isolated pages: each a mapping of its own, sixteen times as many as the system allows. The oldest grants are
        // withdrawn meanwhile, and the second round meets soft faults. Wine can have about 19,000 chunks: so 16 GiB
        // there.
        const int Count = 1_000_000;
        long stride = Wine.IsHere ? 4 : 256;
        using TestPager pager = Pager(length: Count * stride * Section.PageSize);
        var watch = Stopwatch.StartNew();
        for (long i = 0; i < Count; i++)
        {
            int status = Accessors.Store64(pager.Address + i * stride * Section.PageSize, (ulong)i);
            if (status != 0)
            {
                Assert.Fail($"page {i}: {status}");
            }
        }

        TestContext.Out.WriteLine(
            $"{watch.Elapsed.TotalMicroseconds / Count:F2} µs a page; {MappingBudget.Used} mappings");
        for (long i = 0; i < Count; i += 97)
        {
            ulong value;
            int status = Accessors.Load64(pager.Address + i * stride * Section.PageSize, &value);
            if (status != 0 || value != (ulong)i)
            {
                Assert.Fail($"page {i}: {status}, {value}");
            }
        }

        Assert.That(MappingBudget.Used, Is.LessThanOrEqualTo(MappingBudget.Limit));
    }

    [Child]
    private static int OpensWindowsOf1TiB(string[] args)
    {
        const int Count = 32;
        long lastPage = Section.LengthLimit / Section.PageSize - 1;
        long[] pages = [0, lastPage / 2, lastPage];
        using var pagers = new Pagers();
        for (int i = 0; i < Count; i++)
        {
            byte* start = pagers.Add(new TestPager(Engines.Named(args[0]), Section.LengthLimit)).Address;
            foreach (long page in pages)
            {
                ArgumentOutOfRangeException.ThrowIfNotEqual(
                    Accessors.Store64(start + page * Section.PageSize, (ulong)(i + page)), 0);
            }
        }

        for (int i = 0; i < Count; i++)
        {
            foreach (long page in pages)
            {
                ulong value;
                ArgumentOutOfRangeException.ThrowIfNotEqual(
                    Accessors.Load64(pagers[i].Address + page * Section.PageSize, &value), 0);
                ArgumentOutOfRangeException.ThrowIfNotEqual(value, (ulong)(i + page));
            }
        }

        Console.WriteLine($"{pagers.Count} windows");
        return 0;
    }

    private sealed class Pagers : List<TestPager>, IDisposable
    {
        internal new TestPager Add(TestPager pager)
        {
            base.Add(pager);
            return pager;
        }

        public void Dispose() => ForEach(pager => pager.Dispose());
    }
}

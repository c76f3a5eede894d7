using System.Diagnostics;
using NUnit.Framework;
using Runtime.Native;

namespace Runtime.Tests.Native.Faults;

public unsafe class SmokeTests
{
    [Test]
    public void Accessor_faults_and_resumes()
    {
        using var pager = new TestPager(TrapEngine.Default, 1L << 30);
        for (long page = 0; page < 1000; page++)
        {
            pager.Section.TryPopulate(page, 1);
            *(long*)pager.Section.PageAddress(page) = page * 3;
        }

        for (int r = 0; r < 5; r++)
        {
            pager.Window.TryProtect(0, 1000, PageAccess.None);
            long before = GC.GetAllocatedBytesForCurrentThread();
            var watch = Stopwatch.StartNew();
            for (long page = 0; page < 1000; page++)
            {
                ulong value;
                int status = Accessors.Load64(pager.Address + page * 4096, &value);
                if (status != 0 || value != (ulong)page * 3)
                {
                    Assert.Fail($"page {page}: {status} {value}");
                }
            }

            watch.Stop();
            TestContext.Out.WriteLine($"{watch.Elapsed.TotalNanoseconds / 1000:F0} ns per fault, {GC.GetAllocatedBytesForCurrentThread() - before} bytes");
        }

        Assert.That(pager.Upcalls, Is.EqualTo(5000));
    }

    [Test]
    public void Raw_faults_resume()
    {
        using var pager = new TestPager(TrapEngine.Default, 1L << 30);
        long sum = 0;
        var watch = Stopwatch.StartNew();
        for (long page = 0; page < 1000; page++)
        {
            pager.Address[page * 4096 + 5] = 7;
            sum += pager.Address[page * 4096 + 5];
        }

        TestContext.Out.WriteLine($"{watch.Elapsed.TotalNanoseconds / 1000:F0} ns per fault; {Trap.Statistics}");
        Assert.That(sum, Is.EqualTo(7000));
    }

    [Test]
    public void Failures()
    {
        using var pager = new TestPager(TrapEngine.Default, 1L << 30, (_, _, _) => 35);
        ulong value;
        Assert.That(Accessors.Load64(pager.Address + 8192, &value), Is.EqualTo(35));
        byte* p = pager.Address;
        Assert.That(() => Touch(p), Throws.TypeOf<NullReferenceException>());
        Assert.That(Trap.LastFault!.Status, Is.EqualTo(35));
        string? s = null;
        Assert.That(() => s!.Length, Throws.TypeOf<NullReferenceException>());
        GC.Collect();
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static byte Touch(byte* p) => p[3];
}

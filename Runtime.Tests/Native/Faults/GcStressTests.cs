using NUnit.Framework;
using Runtime.Native;
using Runtime.Tests.Support;

namespace Runtime.Tests.Native.Faults;

/// <summary>Upcalls that allocate, while collections run.</summary>
[Deadline(300)]
public sealed unsafe class GcStressTests(TrapEngine engine) : TrapContract(engine)
{
    private const int Faults = 100_000;
    private const int Threads = 4;

    [Test]
    public void A_hundred_thousand_faults_of_accessors_survive_collections() =>
        Stress(FaultWay.Accessor, static address =>
        {
            ulong value;
            return Accessors.Load64(address, &value) == 0 ? value : ulong.MaxValue;
        });

    [Test]
    public void A_hundred_thousand_faults_in_native_sections_survive_collections() =>
        Stress(FaultWay.NativeSection, static address =>
        {
            using (Trap.NativeSection())
            {
                return Helpers.kh_read(address);
            }
        });

    [Test]
    public void A_hundred_thousand_faults_of_unmarked_native_code_survive_collections() =>
        Stress(FaultWay.UnmarkedNative, static address => Helpers.kh_read(address));

    [Test]
    public void A_hundred_thousand_faults_of_managed_code_survive_collections_resolved_or_rescued()
    {
        // A wider gap: nearly every collection stops somebody in a single access, and each rescue takes its 100 ms.
        Stress(
            FaultWay.Managed,
            static address =>
            {
                ulong again;
                return Raw.TryRead(address, out byte value) ? value
                    : Trap.LastFault!.IsRescued && Accessors.Load64(address, &again) == 0 ? (byte)again
                    : ulong.MaxValue;
            },
            gapMs: 50);
    }

    private delegate ulong Touch(byte* address);

    private void Stress(FaultWay way, Touch touch, int gapMs = 2)
    {
        const int PagesOfThread = 1000;
        using TestPager pager = Pager(static (pager, page, access) =>
        {
            byte[] garbage = new byte[200];
            pager.Section.TryPopulate(page, 1, out _);
            *pager.Section.PageAddress(page) = (byte)(page * 7 + garbage[page % 200]);
            return pager.Grant(page, access);
        });
        using var collections = new Collections(gapMs);
        long before = FaultsBy(way);
        long rescues = Trap.Statistics.Rescues;
        long wrong = 0;
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(index => new Thread(() =>
        {
            for (int i = 0; i < Faults / Threads; i++)
            {
                long page = index * PagesOfThread + i % PagesOfThread;
                if ((byte)touch(pager.Address + page * Section.PageSize) != (byte)(page * 7))
                {
                    Interlocked.Increment(ref wrong);
                }

                pager.Window.TryProtect(page, 1, PageAccess.None);
            }
        }))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());

        Assert.That(wrong, Is.Zero);
        // The late answer to a fault that was rescued may grant a page once more, and spare it its next fault.
        rescues = Trap.Statistics.Rescues - rescues;
        Assert.That(FaultsBy(way) - before, Is.GreaterThanOrEqualTo(Faults - rescues));
        Assert.That(pager.Upcalls, Is.GreaterThanOrEqualTo(Faults));
        Assert.That(collections.Count, Is.GreaterThan(10));
        TestContext.Out.WriteLine($"{collections.Count} collections, {rescues} rescues");
    }

    private static long FaultsBy(FaultWay way) => way switch
    {
        FaultWay.Accessor => Trap.Statistics.AccessorFaults,
        FaultWay.NativeSection => Trap.Statistics.NativeSectionFaults,
        FaultWay.Managed => Trap.Statistics.ManagedFaults,
        _ => Trap.Statistics.UnmarkedNativeFaults,
    };
}

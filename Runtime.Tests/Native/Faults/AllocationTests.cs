using NUnit.Framework;
using Runtime.Native;

namespace Runtime.Tests.Native.Faults;

/// <summary>"The fault path allocates nothing."</summary>
public sealed unsafe class AllocationTests(TrapEngine engine) : TrapContract(engine)
{
    private const int Faults = 2000;
    private const int Attempts = 10;

    [TestCase(FaultWay.Accessor)]
    [TestCase(FaultWay.NativeSection)]
    public void A_fault_served_on_its_thread_allocates_nothing(FaultWay way) =>
        AssertAllocatesNothing(way, GC.GetAllocatedBytesForCurrentThread);

    [TestCase(FaultWay.Managed)]
    [TestCase(FaultWay.UnmarkedNative)]
    public void A_posted_fault_allocates_nothing_on_any_thread(FaultWay way) =>
        AssertAllocatesNothing(way, static () => GC.GetTotalAllocatedBytes(precise: true));

    private void AssertAllocatesNothing(FaultWay way, Func<long> allocatedBytes)
    {
        using TestPager pager = Pager(static (pager, page, access) => pager.Grant(page, access));
        long least = long.MaxValue;
        for (int attempt = 0; attempt < Attempts && least != 0; attempt++)
        {
            // The first attempt warms up; in the others somebody else of this process may allocate at the same time.
            pager.Window.TryProtect(0, Faults, PageAccess.None);
            long before = allocatedBytes();
            for (int page = 0; page < Faults; page++)
            {
                Ways.Write(way, pager.Address + page * Section.PageSize, 1);
            }

            least = Math.Min(least, allocatedBytes() - before);
        }

        Assert.That(least, Is.Zero);
        Assert.That(pager.Upcalls, Is.GreaterThanOrEqualTo(Faults));
    }
}

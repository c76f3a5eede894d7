using NUnit.Framework;
using Runtime.Native;

namespace Runtime.Tests.Native.Faults;

public sealed unsafe class StatisticsTests(TrapEngine engine) : TrapContract(engine)
{
    [Test]
    public void Faults_are_counted_by_way_and_add_up_to_the_upcalls()
    {
        using TestPager pager = Pager();
        TrapStatistics before = Trap.Statistics;
        long page = 0;
        for (int i = 0; i < 400; i++)
        {
            foreach (FaultWay way in Enum.GetValues<FaultWay>())
            {
                for (int times = 0; times <= (int)way; times++)
                {
                    Ways.Write(way, pager.Address + page++ * Section.PageSize, 1);
                }
            }
        }

        TrapStatistics after = Trap.Statistics;
        Assert.That(after.AccessorFaults - before.AccessorFaults, Is.EqualTo(400));
        Assert.That(after.NativeSectionFaults - before.NativeSectionFaults, Is.EqualTo(800));
        Assert.That(after.ManagedFaults - before.ManagedFaults, Is.EqualTo(1200));
        Assert.That(after.UnmarkedNativeFaults - before.UnmarkedNativeFaults, Is.EqualTo(1600));
        Assert.That(pager.Upcalls, Is.EqualTo(4000));
        Assert.That(after.AccessorFailures, Is.EqualTo(before.AccessorFailures));
        Assert.That(after.ManagedFailures, Is.EqualTo(before.ManagedFailures));
        Assert.That(after.HandedOver, Is.EqualTo(before.HandedOver));
        Assert.That(after.Rescues, Is.EqualTo(before.Rescues));
    }

    [Test]
    public void Faults_outside_of_all_windows_are_counted_as_foreign()
    {
        Trap.Install();
        long before = Trap.Statistics.ForeignFaults;
        for (int i = 0; i < 10; i++)
        {
            Assert.That(Raw.TryRead(null, out _), Is.False);
        }

        Assert.That(Trap.Statistics.ForeignFaults - before, Is.EqualTo(10));
    }
}

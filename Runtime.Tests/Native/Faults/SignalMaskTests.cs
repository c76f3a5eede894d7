using NUnit.Framework;
using Runtime.Native;

namespace Runtime.Tests.Native.Faults;

/// <summary>
/// The runtime throws from its signal handler and never returns: what was blocked on the way there must not stay so.
/// Windows has no signal masks; what must hold there is the rest, that the thread can still be stopped.
/// </summary>
public sealed unsafe class SignalMaskTests(TrapEngine engine) : TrapContract(engine)
{
    private const int SigBus = 7;
    private const int SigSegv = 11;
    private const int SigRtMin = 34;

    [Test]
    public void After_a_failed_raw_access_nothing_is_blocked_and_the_thread_can_be_stopped()
    {
        using TestPager pager = Pager(static (_, _, _) => 35);
        AssertUnchanged(() => Assert.That(Raw.TryRead(pager.Address, out _), Is.False));
    }

    [Test]
    public void After_a_rescued_access_nothing_is_blocked_and_the_thread_can_be_stopped()
    {
        using TestPager pager = Pager(static (pager, page, access) =>
        {
            GC.Collect();
            return pager.Grant(page, access);
        });
        int page = 0;
        AssertUnchanged(() => Raw.TryRead(pager.Address + page++ * Section.PageSize, out _));
        TestContext.Out.WriteLine($"rescued: {Trap.LastFault?.IsRescued}");
    }

    [Test]
    public void After_a_null_reference_nothing_is_blocked_and_the_thread_can_be_stopped()
    {
        Trap.Install();
        AssertUnchanged(static () => Assert.That(Raw.TryRead(null, out _), Is.False));
    }

    [Test]
    public void After_faults_of_every_way_nothing_is_blocked()
    {
        using TestPager pager = Pager();
        int page = 0;
        AssertUnchanged(() =>
        {
            foreach (FaultWay way in Enum.GetValues<FaultWay>())
            {
                Ways.Read(way, pager.Address + page++ * Section.PageSize);
            }
        });
    }

    private static void AssertUnchanged(Action act)
    {
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                for (int i = 0; i < 10; i++)
                {
                    ulong before = Blocked();
                    act();
                    Assert.That(Blocked(), Is.EqualTo(before));
                }

                AssertCanBeStopped();
            }
            catch (Exception reason)
            {
                failure = reason;
            }
        });
        thread.Start();
        thread.Join();
        Assert.That(failure, Is.Null);
    }

    /// <summary>
    /// A collection happens while this thread is in a loop that only a signal can stop. Under Wine 8 the runtime can
    /// stop no such loop, in no program (docs/platforms.md): there the loop leaves managed code now and then.
    /// </summary>
    private static void AssertCanBeStopped()
    {
        bool isCollected = false;
        var collector = new Thread(() =>
        {
            GC.Collect();
            Volatile.Write(ref isCollected, true);
        });
        collector.Start();
        while (!Volatile.Read(ref isCollected))
        {
            if (Wine.IsHere)
            {
                Thread.Sleep(0);
            }
        }

        collector.Join();
    }

    private static ulong Blocked()
    {
        if (!OperatingSystem.IsLinux())
        {
            return 0;
        }

        ulong blocked = Helpers.kh_blocked_signals();
        Assert.That(blocked & (Bit(SigBus) | Bit(SigSegv) | Bit(SigRtMin)), Is.Zero);
        return blocked;
    }

    private static ulong Bit(int signal) => 1UL << (signal - 1);
}

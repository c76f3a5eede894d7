using System.Runtime.CompilerServices;
using NUnit.Framework;
using Runtime.Native;

namespace Runtime.Tests.Native.Faults;

/// <summary>"With too little stack … the fault is handed to a pager thread instead."</summary>
public sealed unsafe class StackTests(TrapEngine engine) : TrapContract(engine)
{
    [TestCase(2u << 10)]
    [TestCase(4u << 10)]
    [TestCase(8u << 10)]
    [TestCase(16u << 10)]
    [TestCase(32u << 10)]
    [TestCase(48u << 10)]
    public void A_fault_of_native_code_with_little_stack_is_served_by_a_pager_thread(uint bytesLeft)
    {
        // Windows handles an exception on the thread's own stack, and needs some of it for that.
        bytesLeft = OperatingSystem.IsWindows() ? Math.Max(bytesLeft, 16 << 10) : bytesLeft;
        AssertHandedOver(pager =>
            Helpers.kh_touch_with_stack_left(pager.Address, Helpers.MarkNative, bytesLeft, onBareThread: 0));
    }

    [TestCase(16u << 10)]
    [TestCase(32u << 10)]
    [TestCase(48u << 10)]
    public void A_fault_with_little_stack_and_no_alternate_one_is_served_by_a_pager_thread(uint bytesLeft) =>
        AssertHandedOver(pager =>
            Helpers.kh_touch_with_stack_left(pager.Address, Helpers.MarkNative, bytesLeft, onBareThread: 1));

    [Test]
    public void With_enough_stack_nothing_is_handed_over()
    {
        using TestPager pager = Pager();
        long before = Trap.Statistics.HandedOver;
        Assert.That(
            Helpers.kh_touch_with_stack_left(pager.Address, Helpers.MarkNative, 256 << 10, onBareThread: 0), Is.Zero);
        Assert.That(pager.Upcalls, Is.EqualTo(1));
        Assert.That(Trap.Statistics.HandedOver, Is.EqualTo(before));
    }

    [Test]
    public void An_accessor_deep_in_managed_recursion_is_served_by_a_pager_thread() =>
        AssertHandedOver(pager =>
        {
            int result = -1;
            var thread = new Thread(() => result = Descend(pager.Address, framesBeyond: 0), maxStackSize: 512 << 10);
            thread.Start();
            thread.Join();
            return result;
        });

    [Test]
    public void A_failed_accessor_with_little_stack_returns_its_status()
    {
        using TestPager pager = Pager(static (_, _, _) => 35);
        int result = -1;
        var thread = new Thread(() => result = Descend(pager.Address, framesBeyond: 0), maxStackSize: 512 << 10);
        thread.Start();
        thread.Join();
        Assert.That(result, Is.EqualTo(35));
        Assert.That(pager.Upcalls, Is.EqualTo(1));
    }

    private void AssertHandedOver(Func<TestPager, int> touch)
    {
        ulong server = 0;
        using TestPager pager = Pager((pager, page, access) =>
        {
            server = Helpers.kh_thread_id();
            return pager.Grant(page, access);
        });
        TrapStatistics before = Trap.Statistics;

        Assert.That(touch(pager), Is.Zero);

        Assert.That(pager.Upcalls, Is.EqualTo(1));
        Assert.That(server, Is.Not.EqualTo(Helpers.kh_thread_id()));
        Assert.That(Trap.Statistics.HandedOver - before.HandedOver, Is.EqualTo(1));
    }

    /// <summary>Down to where the runtime itself would refuse to begin more, and some frames beyond.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Descend(byte* address, int framesBeyond)
    {
        if (framesBeyond < 20)
        {
            bool isDeep = !RuntimeHelpers.TryEnsureSufficientExecutionStack();
            return Descend(address, isDeep ? framesBeyond + 1 : 0) + (framesBeyond & 0);
        }

        return Accessors.Store8(address, 1);
    }
}

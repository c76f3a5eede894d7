using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Managers;
using Runtime.Core.Tracing;
using Runtime.Native;

namespace Runtime.Tests.Core.Tracing;

/// <summary>What a trace costs is what it does itself.</summary>
public class ManagerTraceCostTests(TrapEngine engine) : KernelFixture(engine)
{
    private readonly CountingTrace _trace = new();

    private protected override ManagerTrace Trace => _trace;

    [Test]
    public void Nothing_is_allocated_on_the_fault_path_for_a_trace_that_allocates_nothing()
    {
        using Container container = Open(pageCount: 45_000);
        Manager.OnFault = static (in PageFault fault, Runtime.Core.Storage.ContainerRecord _) =>
        {
            fault.Install();
            return Status.Success;
        };
        ContainerView view = container.View;
        long Touch(int from, int to)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (long page = from; page < to; page++)
            {
                view.Read<byte>(page * PageNumber.Size);
                view.Write(page * PageNumber.Size, (byte)1);
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Touch(0, 10_000);
        Assert.That(Touch(10_000, 45_000), Is.Zero);
        Assert.That(_trace.Faults, Is.GreaterThanOrEqualTo(45_000));
    }

    [Test]
    public void Services_allocate_nothing_for_a_trace_that_allocates_nothing()
    {
        using Container container = Open();
        var token = new Token(container.Record.Id);
        long Protect(int count)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < count; i++)
            {
                Manager.Calls.LcdProtect(token, new PageNumber(0), Access.Read);
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Protect(1000);
        Assert.That(Protect(1000), Is.Zero);
        Assert.That(_trace.Services, Is.GreaterThanOrEqualTo(2000));
    }

    private sealed class CountingTrace : ManagerTrace
    {
        private int _faults;
        private int _services;

        internal int Faults => Volatile.Read(ref _faults);

        internal int Services => Volatile.Read(ref _services);

        protected override void Returned(in TracedCall call) =>
            Interlocked.Increment(ref call.Direction == CallDirection.ManagerToKernel ? ref _services : ref _faults);
    }
}

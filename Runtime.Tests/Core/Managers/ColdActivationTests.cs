using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Capabilities;
using Runtime.Core.Containers;
using Runtime.Core.Managers;
using Runtime.Native;

namespace Runtime.Tests.Core.Managers;

/// <summary>A container that nobody has opened is invoked (docs/semantics.md, "The manager's upcalls").</summary>
public class ColdActivationTests(TrapEngine engine) : VersionedFixture(engine)
{
    private Capability _cold = null!;

    [SetUp]
    public void MakeColdContainer()
    {
        Kernel.Options.Entries.Add("reading", locus => locus.Return(BitConverter.GetBytes(locus.View.Read<long>(0))));
        using (Container container = Open("cold"))
        {
            container.View.Write(0, 42L);
            container.SetInvocationPoint("reading");
        }

        _cold = Kernel.GetCapability("cold");
    }

    [TearDown]
    public void DisposeCapability() => _cold.Dispose();

    [Test]
    public void Its_first_invocation_asks_the_manager_once_and_loads_it()
    {
        List<(string Name, StateInterval Interval, byte[] Arguments)> asked = [];
        Manager.OnInvoke = (in ColdInvocation invocation, out InvokeSupport support) =>
        {
            asked.Add((invocation.Container.Name, invocation.Interval, invocation.Arguments.ToArray()));
            Assert.That(invocation.Machine, Is.EqualTo(MachineId.Here));
            Assert.That(Kernel.EntityOf("cold").Open, Is.Null, "not yet");
            support = InvokeSupport.ActivatedLocally;
            return Status.Success;
        };

        Assert.That(BitConverter.ToInt64(Kernel.Invoke(_cold, [1, 2])), Is.EqualTo(42));
        Assert.That(BitConverter.ToInt64(Kernel.Invoke(_cold, [3])), Is.EqualTo(42));
        Assert.That(asked, Has.Count.EqualTo(1));
        Assert.That(asked[0].Name, Is.EqualTo("cold"));
        Assert.That(asked[0].Interval, Is.EqualTo(default(StateInterval)), "the world has none");
        Assert.That(asked[0].Arguments, Is.EqualTo(new byte[] { 1, 2 }));
        using Container opened = Kernel.OpenContainer("cold");
        Assert.That(opened.View.Read<long>(0), Is.EqualTo(42));
    }

    [Test]
    public void A_locus_invokes_it_in_either_style()
    {
        var intervals = new List<StateInterval>();
        Manager.OnInvoke = (in ColdInvocation invocation, out InvokeSupport support) =>
        {
            intervals.Add(invocation.Interval);
            support = InvokeSupport.ActivatedLocally;
            return Status.Success;
        };
        using Container home = Open("home");
        home.TakeSnapshot().WaitForDurable();
        home.Grant(0, _cold);
        Kernel.Options.Entries.AddDirect("direct", locus => locus.Return(locus.Invoke(CapRef.Container(0))));
        Kernel.Options.Entries.Add("step", locus => locus.ResumePoint == 0
            ? locus.Invoke(CapRef.Container(0), at: 1)
            : locus.Return(locus.OutArguments));
        foreach (string style in (string[])["direct", "step"])
        {
            Assert.That(
                BitConverter.ToInt64(Kernel.CreateLocus("home", style).Completion.Result), Is.EqualTo(42), style);
            Kernel.EntityOf("cold").Open!.Dispose();
        }

        Assert.That(intervals, Is.EqualTo(new[] { home.Interval, home.Interval }));
    }

    [Test]
    public void What_the_manager_refuses_fails_the_invocation_and_moves_nobody()
    {
        Manager.OnInvoke = (in ColdInvocation _, out InvokeSupport support) =>
        {
            support = InvokeSupport.ActivatedLocally;
            return Status.IoError;
        };
        Assert.That(StatusOf(() => Kernel.Invoke(_cold)), Is.EqualTo(Status.ManagerFailed));
        Manager.OnInvoke = (in ColdInvocation _, out InvokeSupport _) => throw new InvalidOperationException("no");
        Assert.That(StatusOf(() => Kernel.Invoke(_cold)), Is.EqualTo(Status.ManagerFailed));
        Assert.That(StatusOf(() => Kernel.InvokeAsync(_cold)), Is.EqualTo(Status.ManagerFailed));
        Manager.OnInvoke = (in ColdInvocation _, out InvokeSupport support) =>
        {
            support = InvokeSupport.Migrated;
            return Status.Success;
        };
        Assert.That(StatusOf(() => Kernel.Invoke(_cold)), Is.EqualTo(Status.NotSupported));

        using Container home = Open("home");
        home.Grant(0, _cold);
        Status told = Status.Success;
        Kernel.Options.Entries.Add("trying", locus =>
        {
            if (locus.ResumePoint == 0)
            {
                return locus.Invoke(CapRef.Container(0), at: 1);
            }

            told = locus.Status;
            return locus.Return([7]);
        });
        Assert.That(Kernel.CreateLocus("home", "trying").Completion.Result, Is.EqualTo(new byte[] { 7 }));
        Assert.That(told, Is.EqualTo(Status.NotSupported));

        Manager.OnInvoke = null;
        Manager.OnToken = () => throw new KernelException(Status.IoError, "the disk is gone");
        Assert.That(StatusOf(() => Kernel.Invoke(_cold)), Is.EqualTo(Status.IoError), "it could not be opened");
        Manager.OnToken = null;
        Assert.That(BitConverter.ToInt64(Kernel.Invoke(_cold)), Is.EqualTo(42));
    }

    [Test]
    public void One_without_a_manager_is_invoked_as_it_is()
    {
        Kernel.Options.Entries.Add("answering", locus => locus.Return([1]));
        Kernel.Calls.ContainerCreate(CapRef.Locus(600), "code only", 4096);
        Kernel.Calls.ContainerSetInvoke(CapRef.Locus(600), "answering");
        using Capability code = Kernel.GetCapability("code only");
        Assert.That(Kernel.Invoke(code), Is.EqualTo(new byte[] { 1 }));
        Assert.That(Kernel.EntityOf("code only").Open, Is.Null);
    }

    private static Status StatusOf(Func<object> call) => Assert.Catch<KernelException>(() => call())!.Status;
}

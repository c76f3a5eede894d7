using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Storage;
using Runtime.Core.Tracing;
using Runtime.Native;
using Runtime.Tests.Native;

namespace Runtime.Tests.Core;

/// <summary>A kernel over a volume in memory and a manager that the test bends.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.Here))]
public abstract class KernelFixture(TrapEngine engine)
{
    private protected TestManager Manager { get; private set; } = null!;

    private protected Kernel Kernel { get; private set; } = null!;

    /// <summary>Who sees the calls between kernel and manager; null for nobody.</summary>
    private protected virtual ManagerTrace? Trace => null;

    [SetUp]
    public void Boot()
    {
        Manager = new TestManager();
        var options = new KernelOptions
        {
            OpenVolume = () => new MemoryVolume(),
            DefaultManager = "test",
            Engine = engine,
            Trace = Trace,
            FaultDeadline = TimeSpan.FromSeconds(20),
        };
        options.Managers.Add("test", () => Manager);
        Kernel = Kernel.Boot(options);
    }

    [TearDown]
    public void ShutDown()
    {
        Manager.OnFault = null;
        Manager.OnSnapshot = null;
        Kernel.Dispose();
        Manager.Dispose();
    }

    private protected Container Open(string name = "a", long pageCount = 1024) =>
        Kernel.OpenContainer(name, pageCount * PageNumber.Size);
}

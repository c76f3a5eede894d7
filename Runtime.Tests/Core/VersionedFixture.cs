using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Storage;
using Runtime.Core.Tracing;
using Runtime.Native;
using Runtime.Tests.Native;

namespace Runtime.Tests.Core;

/// <summary>A kernel whose manager keeps versions in memory and saves in the background.</summary>
[TestFixtureSource(typeof(Engines), nameof(Engines.Here))]
public abstract class VersionedFixture(TrapEngine engine)
{
    private protected VersionedManager Manager { get; private set; } = null!;

    /// <summary>Registered as "heir": keeps what <see cref="Manager"/> keeps.</summary>
    private protected VersionedManager Heir { get; private set; } = null!;

    private protected Kernel Kernel { get; private set; } = null!;

    /// <summary>Bytes; null for the default.</summary>
    protected virtual long? MemoryBudget => null;

    /// <summary>Who sees the calls between kernel and manager; null for nobody.</summary>
    private protected virtual ManagerTrace? Trace => null;

    [SetUp]
    public void Boot() => Boot(TimeSpan.FromSeconds(30));

    private protected void Boot(TimeSpan deadline, TimeSpan? saveDeadline = null)
    {
        Manager = new VersionedManager();
        Heir = new VersionedManager(Manager);
        var options = new KernelOptions
        {
            OpenVolume = () => new MemoryVolume(),
            DefaultManager = "versioned",
            Engine = engine,
            Trace = Trace,
            MemoryBudget = MemoryBudget,
            FaultDeadline = deadline,
            SaveDeadline = saveDeadline ?? TimeSpan.FromMinutes(5),
        };
        options.Managers.Add("versioned", () => Manager);
        options.Managers.Add("heir", () => Heir);
        Kernel = Kernel.Boot(options);
    }

    [TearDown]
    public void ShutDown()
    {
        Manager.OnSave = null;
        Manager.OnCut = null;
        Manager.OnResize = null;
        Manager.OnFault = null;
        Manager.OnRestore = null;
        Manager.OnRecoverable = null;
        Manager.OnRollback = null;
        Manager.OnSavePage = null;
        Manager.OnDiscard = null;
        Kernel.Dispose();
        Manager.Dispose();
        Heir.Dispose();
    }

    private protected Container Open(string name = "a", long pageCount = 1024) =>
        Kernel.OpenContainer(name, pageCount * PageNumber.Size);
}

using System.Buffers.Binary;
using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Capabilities;
using Runtime.Core.Containers;
using Runtime.Core.Loci;
using Runtime.Core.Storage;

namespace Runtime.Tests.Core.Loci;

/// <summary>A kernel over a volume in memory, containers with code, and loci that execute it.</summary>
public abstract class LocusFixture
{
    /// <summary>How many loci in direct style execute at once.</summary>
    internal const int DirectLoci = 8;

    private protected TestManager Manager { get; private set; } = null!;

    private protected Kernel Kernel { get; private set; } = null!;

    private protected EntryRegistry Entries => Kernel.Options.Entries;

    [SetUp]
    public void Boot()
    {
        Manager = new TestManager();
        var options = new KernelOptions
        {
            OpenVolume = () => new MemoryVolume(),
            DefaultManager = "test",
            FaultDeadline = TimeSpan.FromSeconds(20),
            LeaseLimit = TimeSpan.FromSeconds(10),
            LocusThreads = 2,
            DirectLoci = DirectLoci,
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

    /// <summary>A container of 16 pages with code in step style at its invocation point.</summary>
    private protected Container Create(string name, StepEntry? step = null)
    {
        Container container = Kernel.OpenContainer(name, 16 * PageNumber.Size);
        if (step is not null)
        {
            Entries.Add(name, step);
            container.SetInvocationPoint(name);
        }

        return container;
    }

    private protected Container CreateDirect(string name, DirectEntry method)
    {
        Container container = Kernel.OpenContainer(name, 16 * PageNumber.Size);
        Entries.AddDirect(name, method);
        container.SetInvocationPoint(name);
        return container;
    }

    /// <summary>A locus at rest that will execute this in a container.</summary>
    private protected Locus At(Container container, StepEntry step)
    {
        string name = $"start {Entries.Names.Count}";
        Entries.Add(name, step);
        return Kernel.CreateLocus(container.Name, name, isSuspended: true);
    }

    private protected Locus AtDirect(Container container, DirectEntry method)
    {
        string name = $"start {Entries.Names.Count}";
        Entries.AddDirect(name, method);
        return Kernel.CreateLocus(container.Name, name, isSuspended: true);
    }

    /// <summary>Executes code in direct style in a container, to its end.</summary>
    private protected byte[] Run(Container container, DirectEntry method, params Capability[] capabilities)
    {
        Locus locus = AtDirect(container, method);
        for (uint slot = 0; slot < capabilities.Length; slot++)
        {
            locus.Grant(slot, capabilities[slot]);
        }

        locus.Resume();
        return locus.Completion.GetAwaiter().GetResult();
    }

    private protected static byte[] Bytes(long value)
    {
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return bytes;
    }

    private protected static long Value(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt64LittleEndian(bytes);

    private protected static Status StatusOf(Action call) => Assert.Catch<KernelException>(() => call())!.Status;
}

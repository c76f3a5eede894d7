using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Runtime.Core.Disks;
using Runtime.Core.Loci;
using Runtime.Core.Managers;
using Runtime.Core.Storage;
using Runtime.Core.Tracing;
using Runtime.Native;

namespace Runtime.Core;

/// <summary>How a kernel boots. Runtime.Stores adds <c>Volume</c>, which opens a directory.</summary>
public sealed class KernelOptions
{
    /// <summary>Opens the home volume at boot; the kernel disposes it.</summary>
    public Func<IVolume>? OpenVolume { get; set; }

    /// <summary>The managers by the names that the volume stores.</summary>
    public ManagerRegistry Managers { get; } = new();

    /// <summary>The disks that capabilities can be for.</summary>
    public DiskRegistry Disks { get; } = new();

    /// <summary>The code that loci can execute, by the names that invocation points are stored under.</summary>
    public EntryRegistry Entries { get; } = new();

    /// <summary>How many threads execute loci in step style; the number of processors.</summary>
    public int LocusThreads { get; set; } = Environment.ProcessorCount;

    /// <summary>Whether loci that were kept go on at boot, or rest until they are resumed; true.</summary>
    public bool ResumesLoci { get; set; } = true;

    /// <summary>How many loci in direct style, each of which holds a thread, execute beside those; 64.</summary>
    public int DirectLoci { get; set; } = 64;

    /// <summary>The manager of containers created without naming one.</summary>
    public string DefaultManager { get; set; } = "snapshotting";

    /// <summary>The trap engine; null for the preferred one that is available.</summary>
    public TrapEngine? Engine { get; set; }

    /// <summary>
    /// How many bytes of memory the kernel may use for pages, copies and transfers; null for a default: under a cgroup
    /// a quarter of its limit, otherwise half of the memory that is available at boot.
    /// </summary>
    /// <remarks>
    /// A bound that is kept: beyond it pages leave memory, and what can neither leave nor come is
    /// <see cref="Status.NoResources"/>. At least 1 MiB, on Windows 64 MiB, where memory comes in pieces of 1 MiB.
    /// </remarks>
    public long? MemoryBudget { get; set; }

    /// <summary>How long a fault may take before it fails with <see cref="Status.DeadlineExceeded"/>; 30 s.</summary>
    /// <remarks>
    /// For faults on raw pointers the kernel that booted last decides, for all kernels of the process.
    /// </remarks>
    public TimeSpan FaultDeadline { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a manager that saves a snapshot may neither ask for pages, mark some as saved nor answer; 5 minutes.
    /// </summary>
    /// <remarks>
    /// Then the snapshot has failed with <see cref="Status.DeadlineExceeded"/>, and the container is quarantined: what
    /// the snapshot held stays in memory, for another manager.
    /// </remarks>
    public TimeSpan SaveDeadline { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How many threads run managers that await (<see cref="AsyncManager"/>), beside those of them that wait for pages
    /// themselves; 2. At least 1.
    /// </summary>
    public int ManagerThreads { get; set; } = 2;

    /// <summary>
    /// How long anybody waits for a manager that is asked for pages and gives none (<c>page_discard</c>); 2 s.
    /// </summary>
    /// <remarks>
    /// Then the kernel takes pages itself, and the manager is not asked again until that call has returned. Only a
    /// fault of its own container may wait longer, if it is the one that asks.
    /// </remarks>
    public TimeSpan PageDiscardLimit { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Whether pages that were written, and whose manager does not take them when memory is wanted, are put aside on
    /// the home volume; true. Otherwise they stay in memory, and who wants some gets
    /// <see cref="Status.NoResources"/>.
    /// </summary>
    /// <remarks>They lie there as they are in memory, also those of a manager that encrypts.</remarks>
    public bool SpillsDirtyPages { get; set; } = true;

    /// <summary>How long a cut or a close waits for leases; 1 s.</summary>
    public TimeSpan LeaseLimit { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether disposing the kernel or a container takes a last snapshot of what was written; true.</summary>
    public bool SnapshotOnDispose { get; set; } = true;

    /// <summary>Who sees the calls between kernel and managers; null for nobody. To be set before boot.</summary>
    public ManagerTrace? Trace { get; set; }

    /// <summary>Where the kernel logs.</summary>
    public ILoggerFactory LoggerFactory { get; set; } = NullLoggerFactory.Instance;
}

using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Runtime.Core.Managers;
using Runtime.Core.Storage;
using Runtime.Native;

namespace Runtime.Core;

/// <summary>How a kernel boots. Runtime.Stores adds <c>Volume</c>, which opens a directory.</summary>
public sealed class KernelOptions
{
    /// <summary>Opens the home volume at boot; the kernel disposes it.</summary>
    public Func<IVolume>? OpenVolume { get; set; }

    /// <summary>The managers by the names that the volume stores.</summary>
    public ManagerRegistry Managers { get; } = new();

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

    /// <summary>How long a cut or a close waits for leases; 1 s.</summary>
    public TimeSpan LeaseLimit { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether disposing the kernel or a container takes a last snapshot of what was written; true.</summary>
    public bool SnapshotOnDispose { get; set; } = true;

    /// <summary>Where the kernel logs.</summary>
    public ILoggerFactory LoggerFactory { get; set; } = NullLoggerFactory.Instance;
}

namespace Runtime.Core;

/// <summary>Names the kernel that raises an upcall; one process is one machine.</summary>
public readonly record struct MachineId(ulong Value)
{
    /// <summary>This process.</summary>
    public static MachineId Here { get; } = new((ulong)Environment.ProcessId);
}

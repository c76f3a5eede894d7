using System.Runtime.InteropServices;

namespace Runtime.Native;

/// <summary>One hardware fault on a window: <c>struct kt_fault</c> of the trap library.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct Fault
{
    private readonly ulong _address;
    private readonly ulong _offset;
    private readonly ulong _instruction;
    private readonly ulong _parent;
    private readonly ulong* _serving;
    private readonly uint _region;
    private readonly uint _access;
    private readonly uint _way;
    private readonly int _outcome;

    /// <summary>The byte touched, from the window's first.</summary>
    public readonly long Offset => (long)_offset;

    /// <summary>What was attempted.</summary>
    public readonly FaultAccess Access => (FaultAccess)_access;

    /// <summary>Who attempted it.</summary>
    public readonly FaultWay Way => (FaultWay)_way;

    /// <summary>The address of the instruction.</summary>
    public readonly ulong Instruction => _instruction;

    /// <summary>
    /// What the faulting thread was serving when it faulted: the value that it had put into <see cref="Serving"/>; 0
    /// for nothing.
    /// </summary>
    public readonly ulong Parent => _parent;

    /// <summary>
    /// What the serving thread serves now. The handler sets it for as long as it runs, and restores it.
    /// </summary>
    public readonly ref ulong Serving => ref *_serving;

    internal readonly uint Region => _region;

    internal readonly int Outcome => _outcome;
}

using Runtime.Core.Storage;

namespace Runtime.Core.Managers;

/// <summary>
/// The arguments of one <c>invoke_no_support</c>: somebody invokes a container that the volume knows and nobody has
/// loaded.
/// </summary>
/// <remarks>Lives as long as the upcall.</remarks>
public readonly ref struct ColdInvocation
{
    internal ColdInvocation(
        MachineId machine, ContainerRecord container, StateInterval interval, ReadOnlySpan<byte> arguments)
    {
        Machine = machine;
        Container = container;
        Interval = interval;
        Arguments = arguments;
    }

    /// <summary>Where it is invoked: this process.</summary>
    public MachineId Machine { get; }

    /// <summary>Which container; the manager has not taken it on, so that it has no token.</summary>
    public ContainerRecord Container { get; }

    /// <summary>The interval of the invoking container in which it happens; 0 for the host program.</summary>
    public StateInterval Interval { get; }

    /// <summary>The block that is passed, as it was frozen.</summary>
    public ReadOnlySpan<byte> Arguments { get; }
}

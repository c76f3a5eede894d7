using Runtime.Core.Capabilities;
using Runtime.Core.Containers;

namespace Runtime.Core.Loci;

/// <summary>A locus: the record that is all of its state, and what moves it.</summary>
/// <remarks>
/// The record belongs to the thread that executes the locus, or to nobody; others ask through <see cref="Control"/> and
/// are heard at the next boundary: between two steps, and at every call of the kernel.
/// </remarks>
internal sealed partial class LocusEntity : Entity
{
    private const int FirstDepth = 4;

    private InvocationRecord?[] _stack = new InvocationRecord?[FirstDepth];
    private readonly StepContext _stepContext;
    private readonly DirectContext _directContext;
    private ArgumentBlock _passed = new();                          // on its way from one container to another
    private List<PrivateWindow>? _windows;                          // of invocations that are over
    private volatile ContainerEntity? _host;
    private volatile int _depth;

    internal LocusEntity(Kernel kernel, ulong id)
        : base(id)
    {
        Kernel = kernel;
        Caller = new LocusCaller(this);
        Calls = new SystemCalls(kernel, Caller, this);
        _stepContext = new StepContext(this);
        _directContext = new DirectContext(this);
        Handle = new Locus(this);
    }

    internal override EntityType Type => EntityType.Locus;

    internal Kernel Kernel { get; }

    internal LocusControl Control { get; } = new();

    /// <summary>What the host program has of it.</summary>
    internal Locus Handle { get; }

    internal CapabilityTable Table { get; } = new();

    internal Caller Caller { get; }

    internal SystemCalls Calls { get; }

    internal ulong[] Registers { get; } = new ulong[LocusLimits.RegisterCount];

    /// <summary>What the last return passed.</summary>
    internal ArgumentBlock Out { get; private set; } = new();

    /// <summary>What the last invocation or return came to.</summary>
    internal Status LastStatus { get; private set; }

    /// <summary>What the invoked code threw, if that ended it.</summary>
    internal Exception? LastFailure { get; private set; }

    /// <summary>Where it executes; null once it has ended. May be asked by anybody.</summary>
    internal ContainerEntity? Host => _host;

    /// <summary>Records on the invocation stack. May be asked by anybody.</summary>
    internal int Depth => _depth;

    /// <summary>The record of the invocation that executes.</summary>
    internal InvocationRecord Top => _stack[_depth - 1]!;

    /// <summary>Begins at a place in a container, with what was put into <see cref="Pass"/>.</summary>
    internal void Begin(ContainerEntity host, EntryPoint entry, uint userRights, bool isRunning)
    {
        LastStatus = Status.Success;
        LastFailure = null;
        Push(host, entry, userRights);
        Control.Begin(isRunning);
    }

    /// <summary>What the next invocation or return passes.</summary>
    internal ArgumentBlock Pass => _passed;

    /// <summary>Leaves nothing to the next call of the host program.</summary>
    internal void Clear()
    {
        Out.Clear();
        Registers.AsSpan().Clear();
        Kernel.Capabilities.Clear(Table);
        LastFailure = null;
    }

    private void Push(ContainerEntity host, EntryPoint entry, uint userRights)
    {
        if (_depth == _stack.Length)
        {
            Array.Resize(ref _stack, 2 * _depth);
        }

        InvocationRecord record = _stack[_depth] ??= new InvocationRecord();
        Enter(record, host, entry, userRights);
        _depth++;
    }

    /// <summary>The record's invocation is this one from now on.</summary>
    private void Enter(InvocationRecord record, ContainerEntity host, EntryPoint entry, uint userRights)
    {
        record.Begin(host, entry, userRights);
        (record.In, _passed) = (_passed, record.In);
        _passed.Clear();
        _host = host;
        _directRecords += entry.Direct is null ? 0 : 1;
    }

    private void Pop()
    {
        Leave(Top);
        _depth--;
        _host = _depth > 0 ? Top.Host : null;
    }

    private void Leave(InvocationRecord record)
    {
        _directRecords -= record.Entry.Direct is null ? 0 : 1;
        if (record.End() is { } window)
        {
            (_windows ??= []).Add(window);
        }
    }

    /// <summary>
    /// Closes the private windows of invocations that are over: inside no container and with no lock held, since
    /// closing takes the lock of a container that may be waiting for this locus.
    /// </summary>
    private void CloseWindows()
    {
        if (_windows is { Count: > 0 } windows)
        {
            windows.ForEach(window => window.Close());
            windows.Clear();
        }
    }

    private sealed class LocusCaller(LocusEntity locus) : Caller
    {
        internal override CapabilityTable Table => locus.Table;

        internal override ContainerEntity? Host => locus.Host;
    }
}

using Runtime.Core.Capabilities;
using Runtime.Core.Containers;

namespace Runtime.Core.Loci;

/// <summary>What executing code sees of its locus and of the container where it executes.</summary>
/// <remarks>
/// Not thread safe; good only on the thread, and for the time, of the call that it was given to. It leads to the host
/// container's bytes and to what the locus's capabilities allow, and to nothing else. Source: docs/semantics.md,
/// "Loci".
/// </remarks>
public abstract class LocusContext
{
    private protected LocusContext(LocusEntity locus) => Entity = locus;

    /// <summary>The locus's number; unique in its kernel.</summary>
    public ulong Id => Entity.Id;

    /// <summary>The name of the container where it executes.</summary>
    public string Host => Executing.Top.Host.Record.Name;

    /// <summary>Levels of invocation, this one included.</summary>
    public int Depth => Entity.Depth;

    /// <summary>
    /// The <see cref="LocusLimits.RegisterCount"/> registers, which pass unchanged with every invocation and return.
    /// </summary>
    public Span<ulong> Registers => Entity.Registers;

    /// <summary>The user rights of the capability by which this container was invoked.</summary>
    public uint UserRights => Executing.Top.UserRights;

    /// <summary>The block that this invocation was passed, as it was then; good until the code returns.</summary>
    public ReadOnlySpan<byte> InArguments => Executing.Top.In.Bytes;

    /// <summary>The block that the last return to this locus passed; good until the next.</summary>
    public ReadOnlySpan<byte> OutArguments => Executing.Out.Bytes;

    /// <summary>What the code that was invoked last threw, if that ended its invocation.</summary>
    public Exception? Failure => Entity.LastFailure;

    /// <summary>The bytes of the container where it executes, with what is mapped in it.</summary>
    /// <exception cref="KernelException">
    /// <see cref="Status.ContainerGone"/>, or why the container cannot be opened.
    /// </exception>
    public ContainerView View => Executing.Top.View(Entity.Kernel);

    /// <summary>The calls of the kernel, one by one as the documents have them.</summary>
    public SystemCalls Calls => Entity.Calls;

    internal LocusEntity Entity { get; }

    /// <summary>
    /// The locus, for what depends on where it is: code in direct style may be over without knowing it.
    /// </summary>
    private LocusEntity Executing
    {
        get
        {
            if (Entity.HoldsThread)
            {
                Entity.ThrowIfUnwound();
            }

            return Entity;
        }
    }
}

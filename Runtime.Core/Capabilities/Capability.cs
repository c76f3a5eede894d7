namespace Runtime.Core.Capabilities;

/// <summary>A capability of the host program: the right to do something with a container or a locus.</summary>
/// <remarks>Thread safe. It lies in a slot of the host table, which is free again when this is disposed.</remarks>
public sealed class Capability : IDisposable
{
    private readonly Kernel _kernel;
    private volatile int _isDisposed;

    internal Capability(Kernel kernel, CapRef reference)
    {
        _kernel = kernel;
        Reference = reference;
    }

    /// <summary>Names it in calls of <see cref="Kernel.Calls"/>.</summary>
    public CapRef Reference { get; }

    /// <summary>Whether it is still worth something: neither its group nor its entity was destroyed.</summary>
    public bool IsValid => Find() is not null;

    /// <summary>What the kernel lets its holder do; nothing when it is not valid.</summary>
    public KernelRights Rights => Find()?.Rights ?? KernelRights.None;

    /// <summary>What the invoked code is told of its holder; nothing when it is not valid.</summary>
    public uint UserRights => Find()?.UserRights ?? 0;

    /// <summary>Makes a capability with less: a permission group below this one's.</summary>
    /// <param name="rights">Those of these that this one has.</param>
    /// <param name="userRights">Those of these that this one has.</param>
    /// <exception cref="KernelException">
    /// <see cref="Status.InvalidCapRef"/>, <see cref="Status.PermissionDenied"/> without
    /// <see cref="KernelRights.Derive"/>, <see cref="Status.NoResources"/> if the host table is full.
    /// </exception>
    public Capability Derive(KernelRights rights, uint userRights = uint.MaxValue)
    {
        ThrowIfDisposed();
        return _kernel.Derive(Reference, rights, userRights);
    }

    /// <summary>
    /// Deletes its permission group: every copy, and all that was derived from them, is worth nothing.
    /// </summary>
    /// <exception cref="KernelException">
    /// <see cref="Status.InvalidCapRef"/>, <see cref="Status.PermissionDenied"/> without
    /// <see cref="KernelRights.Destroy"/>.
    /// </exception>
    public void DestroyGroup()
    {
        ThrowIfDisposed();
        Status status = _kernel.Calls.GroupDestroy(Reference);
        if (status != Status.Success)
        {
            throw new KernelException(status, $"{nameof(DestroyGroup)} {Reference}: {status}");
        }
    }

    /// <summary>Empties its slot. Copies stay.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            _kernel.Capabilities.Clear(_kernel.Capabilities.HostTable, Reference.Index);
        }
    }

    internal PermissionGroup? Find() =>
        _isDisposed != 0 ? null : _kernel.Capabilities.HostTable.Find(Reference.Index);

    internal void CopyTo(Kernel kernel, Caller caller, CapRef destination)
    {
        ThrowUnlessOf(kernel);
        Status status = Find() is { } group
            ? _kernel.Capabilities.Put(caller, destination, group)
            : Status.InvalidCapRef;
        if (status != Status.Success)
        {
            throw new KernelException(status, $"{nameof(CopyTo)} {destination}: {status}");
        }
    }

    /// <summary>A disposed one has no slot any more, and the slot of another kernel's is in another table.</summary>
    internal void ThrowUnlessOf(Kernel kernel)
    {
        ThrowIfDisposed();
        if (kernel != _kernel)
        {
            throw new ArgumentException($"the capability {Reference} belongs to another kernel");
        }
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_isDisposed != 0, this);
}

using System.Collections.Concurrent;
using Runtime.Core.Capabilities;
using Runtime.Core.Containers;
using Runtime.Core.Loci;
using Runtime.Core.Storage;

namespace Runtime.Core;

/// <content>Loci.</content>
public sealed partial class Kernel
{
    private readonly ConcurrentDictionary<ulong, LocusEntity> _loci = new();
    private readonly Stack<LocusEntity> _visitors = new();          // at rest; guarded by itself
    private readonly Caller _host;
    private readonly List<(LocusEntity Locus, bool IsSuspended)> _loaded = [];
    private long _lastLocus;

    /// <summary>The loci that have not ended.</summary>
    public IReadOnlyCollection<Locus> Loci =>
        [.. _loci.Values.Where(locus => !locus.IsReused).OrderBy(locus => locus.Id).Select(locus => locus.Handle)];

    internal LocusScheduler Scheduler { get; }

    /// <summary>The loci at rest in a container, while none executes there.</summary>
    internal IEnumerable<LocusEntity> LociIn(ContainerEntity container) =>
        _loci.IsEmpty
            ? []
            : _loci.Select(each => each.Value).Where(locus => locus.Host == container && !locus.IsReused);

    internal bool HostsLoci(ContainerEntity container) => LociIn(container).Any();

    /// <summary>Creates a locus.</summary>
    /// <param name="container">The name of the container where it begins.</param>
    /// <param name="start">The name of registered code.</param>
    /// <param name="arguments">The block that its code finds; copied now.</param>
    /// <param name="isSuspended">Whether it waits for <see cref="Locus.Resume"/>.</param>
    /// <exception cref="KernelException">
    /// <see cref="Status.ContainerGone"/> if there is no such container, <see cref="Status.NotRegistered"/>,
    /// <see cref="Status.ArgBlockTooLarge"/>.
    /// </exception>
    public Locus CreateLocus(
        string container, string start, ReadOnlySpan<byte> arguments = default, bool isSuspended = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(start);
        ThrowIfTooLarge(arguments);
        Status status = StartLocus(EntityOf(container), start, out LocusEntity? locus, arguments);
        if (status != Status.Success)
        {
            throw new KernelException(
                status, $"a locus in container '{container}' cannot start at '{start}': {status}");
        }

        if (!isSuspended)
        {
            Resume(locus!);
        }

        return locus!.Handle;
    }

    /// <summary>Invokes a container from outside, on the calling thread, until it returns.</summary>
    /// <param name="container">A capability of the host program with the right to invoke.</param>
    /// <param name="arguments">Copied now.</param>
    /// <param name="result">Receives the block that is returned, or as much of it as there is room for.</param>
    /// <returns>The length of the block that was returned.</returns>
    /// <remarks>
    /// A locus of its own executes the invocation. The host program is the outside world: nothing depends on it.
    /// </remarks>
    /// <exception cref="KernelException">
    /// As <see cref="SystemCalls.KmoInvoke"/>; <see cref="Status.EntryFailed"/> if the invoked code threw.
    /// </exception>
    public int Invoke(Capability container, ReadOnlySpan<byte> arguments, Span<byte> result)
    {
        ArgumentNullException.ThrowIfNull(container);
        LocusEntity visitor = BeginVisit(container, arguments);
        try
        {
            visitor.RunToEnd();
            if (visitor.LastStatus != Status.Success)
            {
                throw visitor.EndedBy();
            }

            ReadOnlySpan<byte> returned = visitor.Out.Bytes;
            returned[..Math.Min(returned.Length, result.Length)].CopyTo(result);
            return returned.Length;
        }
        finally
        {
            EndVisit(visitor);
        }
    }

    /// <inheritdoc cref="Invoke(Capability, ReadOnlySpan{byte}, Span{byte})"/>
    /// <returns>The block that was returned.</returns>
    public byte[] Invoke(Capability container, ReadOnlySpan<byte> arguments = default)
    {
        ArgumentNullException.ThrowIfNull(container);
        LocusEntity visitor = BeginVisit(container, arguments);
        try
        {
            visitor.RunToEnd();
            return visitor.LastStatus == Status.Success ? visitor.Out.Bytes.ToArray() : throw visitor.EndedBy();
        }
        finally
        {
            EndVisit(visitor);
        }
    }

    /// <summary>Invokes a container from outside, on the threads of loci.</summary>
    /// <inheritdoc cref="Invoke(Capability, ReadOnlySpan{byte})"/>
    /// <param name="container">A capability of the host program with the right to invoke.</param>
    /// <param name="arguments">Copied now.</param>
    /// <param name="cancellationToken">Ends the wait; the invocation goes on.</param>
    public Task<byte[]> InvokeAsync(
        Capability container, ReadOnlyMemory<byte> arguments = default, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(container);
        cancellationToken.ThrowIfCancellationRequested();
        (ContainerEntity target, EntryPoint entry, uint userRights) = FindTarget(container, arguments.Span);
        var locus = new LocusEntity(this, NextLocus());
        locus.Pass.Freeze(arguments.Span);
        Begin(locus, target, entry, userRights, isRunning: false);
        Resume(locus);
        return locus.Completion.WaitAsync(cancellationToken);
    }

    internal Status StartLocus(
        ContainerEntity host, string start, out LocusEntity? created, ReadOnlySpan<byte> arguments = default)
    {
        created = null;
        if (!TryFindEntry(start, out EntryPoint? entry))
        {
            return Status.NotRegistered;
        }

        if (host.IsGone)
        {
            return Status.ContainerGone;
        }

        created = new LocusEntity(this, NextLocus());
        created.Pass.Freeze(arguments);
        Begin(created, host, entry, userRights: uint.MaxValue, isRunning: false);
        if (host.IsGone)
        {
            Demand(created, LocusRequests.Return);                  // whoever destroyed it may not have seen this one
        }

        return Status.Success;
    }

    internal void Resume(LocusEntity locus)
    {
        if (locus.Control.Resume())
        {
            Scheduler.Add(locus);
        }
    }

    internal void Destroy(LocusEntity locus)
    {
        Capabilities.TryDeleteAll(locus);
        Demand(locus, LocusRequests.End);
    }

    internal void Forget(LocusEntity locus)
    {
        Capabilities.TryDeleteAll(locus);
        Capabilities.Clear(locus.Table);
        _loci.TryRemove(locus.Id, out _);
    }

    private static void ThrowIfTooLarge(ReadOnlySpan<byte> arguments)
    {
        if (arguments.Length > LocusLimits.ArgumentBlockSize)
        {
            throw new KernelException(
                Status.ArgBlockTooLarge,
                $"a block of {arguments.Length} bytes is too large; {LocusLimits.ArgumentBlockSize} is the limit");
        }
    }

    private ulong NextLocus() => (ulong)Interlocked.Increment(ref _lastLocus);

    private void Begin(
        LocusEntity locus, ContainerEntity host, EntryPoint entry, uint userRights, bool isRunning)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        locus.Begin(host, entry, userRights, isRunning);
        _loci[locus.Id] = locus;
    }

    private (ContainerEntity Target, EntryPoint Entry, uint UserRights) FindTarget(
        Capability container, ReadOnlySpan<byte> arguments)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        container.ThrowUnlessOf(this);
        Status status = _host.FindTarget(container.Reference, out PermissionGroup? group, out EntryPoint? entry);
        if (status == Status.Success)
        {
            ThrowIfTooLarge(arguments);
            status = group!.Entity is ContainerEntity { Open: null } cold
                ? ActivateCold(cold, interval: default, arguments)
                : Status.Success;
        }

        if (status != Status.Success)
        {
            throw new KernelException(status, $"{nameof(Invoke)} {container.Reference}: {status}");
        }

        return ((ContainerEntity)group!.Entity, entry!, group.UserRights);
    }

    private LocusEntity BeginVisit(Capability container, ReadOnlySpan<byte> arguments)
    {
        (ContainerEntity target, EntryPoint entry, uint userRights) = FindTarget(container, arguments);
        LocusEntity? visitor;
        lock (_visitors)
        {
            if (!_visitors.TryPop(out visitor))
            {
                visitor = new LocusEntity(this, NextLocus()) { IsReused = true };
                _loci[visitor.Id] = visitor;
            }
        }

        visitor.Pass.Freeze(arguments);
        visitor.Begin(target, entry, userRights, isRunning: true);
        return visitor;
    }

    private void EndVisit(LocusEntity visitor)
    {
        visitor.Clear();
        lock (_visitors)
        {
            _visitors.Push(visitor);
        }
    }

    private void Demand(LocusEntity locus, LocusRequests request)
    {
        if (locus.Control.Demand(request))
        {
            Scheduler.Add(locus);
        }
    }

    /// <summary>A container is gone: those that execute or rest in it leave.</summary>
    private void ForceReturns(ContainerEntity gone)
    {
        foreach (LocusEntity locus in _loci.Values)
        {
            if (locus.Host == gone)
            {
                Demand(locus, LocusRequests.Return);
            }
        }
    }

    /// <summary>
    /// Lets no locus begin a step and waits for those that are in one. What is in step style rests, to be kept with its
    /// container; the others end.
    /// </summary>
    private void PauseLoci()
    {
        foreach (LocusEntity locus in _loci.Values)
        {
            locus.Control.Suspend(LocusRequests.Pause);
        }

        long until = Environment.TickCount64 + (long)Options.LeaseLimit.TotalMilliseconds;
        foreach (LocusEntity locus in _loci.Values)
        {
            locus.Control.WaitForRest(until);
            if (locus.IsDirect || locus.IsReused)
            {
                Demand(locus, LocusRequests.End);
                locus.Control.WaitForEnd(until);
            }
        }
    }

    /// <summary>Ends the loci of this process; those that were kept go on in the next.</summary>
    private void EndLoci(List<Exception> failures)
    {
        LocusEntity[] left = [.. _loci.Values.Where(locus => !locus.IsReused)];
        Array.ForEach(left, locus => Demand(locus, LocusRequests.End));
        long until = Environment.TickCount64 + (long)Options.LeaseLimit.TotalMilliseconds;
        foreach (LocusEntity locus in left)                         // one that stays keeps no other from ending
        {
            if (!locus.Control.WaitForEnd(until))
            {
                failures.Add(new KernelException(
                    Status.Busy, $"locus {locus.Id} is still in container '{locus.Host?.Record.Name}'; it was left"));
            }
        }

        Scheduler.Dispose();
    }

    /// <summary>Brings back loci that were kept: of two records of one, that of its later place.</summary>
    private void LoadLoci(IEnumerable<LocusRecord> records, Func<ulong, ContainerEntity?> find)
    {
        IEnumerable<LocusRecord> latest =
            records.GroupBy(locus => locus.Id).Select(same => same.MaxBy(each => each.Hops)!);
        foreach (LocusRecord record in latest)
        {
            _lastLocus = Math.Max(_lastLocus, (long)record.Id);
            var locus = new LocusEntity(this, record.Id);
            if (locus.TryLoad(record, find, FindEntry))
            {
                _loci[locus.Id] = locus;
                _loaded.Add((locus, record.IsSuspended));
            }
        }
    }

    /// <summary>Lets those go on that were ready when they were kept.</summary>
    private void ResumeLoaded()
    {
        foreach ((LocusEntity locus, _) in _loaded.Where(each => !each.IsSuspended && Options.ResumesLoci))
        {
            Resume(locus);
        }

        _loaded.Clear();
    }

    private EntryPoint FindEntry(string name) =>
        TryFindEntry(name, out EntryPoint? entry) ? entry : new EntryPoint(name);
}

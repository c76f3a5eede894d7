using Runtime.Core.Managers;
using Runtime.Core.Memory;
using Runtime.Core.Storage;

namespace Runtime.Core.Containers;

/// <content>From one manager to another (docs/semantics.md, "Hand-over").</content>
public sealed partial class Container
{
    /// <summary>
    /// The first step: all that was written is saved, every page leaves memory, and the manager is done with it.
    /// </summary>
    /// <param name="none">Who stands where a manager is missing.</param>
    internal void RemoveManager(Manager none) => WithoutUsers(() =>
    {
        if (Record.IsUnmanaged)
        {
            throw new KernelException(Status.NoManager, $"container '{Name}' has no manager");
        }

        _memory.ThrowIfQuarantined();
        if (_memory.HasRoot)
        {
            throw new KernelException(
                Status.NotSupported, $"container '{Name}' has a root page: nobody else can manage what hangs on it");
        }

        if (IsReadOnly || _memory.Level == ServiceLevel.None)
        {
            _memory.Restore(() => LeaveManager(none));              // there is nothing that it could save
            return;
        }

        _kernel.Cut(BeginCutUnsynchronized(), snapshot =>
        {
            snapshot?.WaitForDurableByOthers();
            WaitForSaves();
            ThrowIfSaveFailedUnsynchronized();
            _memory.Restore(() => LeaveManager(none));
        });
    });

    /// <summary>The second step; or, if the manager that it has is not asked any more, the only one.</summary>
    /// <param name="manager">Who is to look after it.</param>
    /// <param name="name">The manager's name.</param>
    /// <param name="token">By which it wants to know the container; null for whatever it answers.</param>
    internal void SetManager(Manager manager, string name, Token? token) => WithoutUsers(() =>
    {
        if (token is { } wanted)
        {
            _kernel.ThrowIfTokenInUse(manager, Name, wanted);
        }

        if (Record.IsUnmanaged)
        {
            // A write that is served by the new manager already must not go with what the old one has left.
            BehindGate(() => _memory.Restore(() => TakeOn(manager, name, token, keepsPages: false)));
        }
        else if (Quarantine is null)
        {
            throw Kernel.AlreadyManaged(Record);
        }
        else
        {
            BehindGate(() =>
            {
                WaitForSaves();
                _memory.BringBackEvicted();

                // Before the other takes it on: a store may let only one of them have it. Nobody goes back to this one.
                TellInTime(_memory.Manager, _memory.Token);
                TakeOn(manager, name, token, keepsPages: true);
            });
        }
    });

    /// <summary>The manager has nothing of it in memory any more.</summary>
    /// <returns>The length, which stays.</returns>
    private long LeaveManager(Manager none)
    {
        StateInterval issued = Issued;
        Tell(_memory.Manager, _memory.Token);
        Record = _kernel.NoteManager(Entity!, ContainerRecord.NoManager, issued);
        _memory.ChangeManager(none, none.OpenContainer(Record, version: null), Record);
        return Length;
    }

    /// <summary>
    /// The volume first, which may refuse, then the manager; if that refuses, all is as it was.
    /// </summary>
    /// <returns>The length that the manager knows, unless pages are kept.</returns>
    private long TakeOn(Manager manager, string name, Token? token, bool keepsPages)
    {
        ContainerRecord record = Record;
        Record = _kernel.NoteManager(Entity!, name, Issued);
        try
        {
            ManagedContainer managed = _kernel.TakeOn(manager, Record);
            _kernel.ThrowIfTokenInUse(manager, Name, managed.Token); // it is the other's to close
            try
            {
                ThrowUnlessAccepted(managed, token);
                _kernel.Capture(Entity!, Issued)?.Save();           // what follows is the new manager's history
                _memory.ChangeManager(manager, managed, Record);
            }
            catch
            {
                manager.CloseContainer(managed.Token);
                throw;
            }

            _interval = managed.OpenInterval > _interval ? managed.OpenInterval : _interval;
            return keepsPages ? Length : managed.Length;
        }
        catch
        {
            Record = _kernel.NoteManager(Entity!, record.Manager, Issued);
            throw;
        }
    }

    private StateInterval Issued => new(_interval.Value - 1);

    private void ThrowUnlessAccepted(ManagedContainer managed, Token? token)
    {
        if (token is { } wanted && managed.Token != wanted)
        {
            throw new KernelException(
                Status.ManagerFailed,
                $"container '{Name}': its manager was to know it by the token {wanted.Value}, and answered "
                    + $"{managed.Token.Value}");
        }

        if (managed.Length > MaximumLength)
        {
            throw new KernelException(
                Status.NoResources,
                $"container '{Name}' has {managed.Length} bytes, and was opened with a maximum of {MaximumLength}; "
                    + "open it again with a larger one");
        }
    }

    /// <summary>The kernel is done with it; a manager that throws now has no say in it any more.</summary>
    private void Tell(Manager manager, Token token)
    {
        try
        {
            ManagerCall.Make(Name, nameof(Manager.CloseContainer), () => manager.CloseContainer(token));
        }
        catch (KernelException failure)
        {
            _kernel.NoteManagerFailure(Name, failure);
        }
    }

    /// <summary>On a thread of its own, which a manager that hangs may keep.</summary>
    private void TellInTime(Manager manager, Token token)
    {
        var telling = new Thread(() => Tell(manager, token)) { IsBackground = true, Name = "katydid hand-over" };
        telling.Start();
        telling.Join(_memory.DeadlineMs);
    }

    /// <summary>Nobody executes in the container, and nobody has a lease of it.</summary>
    private void WithoutUsers(Action action)
    {
        EntityOrThrow();
        HoldLoci();
        try
        {
            lock (_lock)
            {
                ThrowIfClosedUnsynchronized();
                ThrowIfHoldsLease();
                WithoutLeasesUnsynchronized(() =>
                {
                    action();
                    SetLengthOfViewsUnsynchronized();
                });
            }
        }
        finally
        {
            ReleaseLoci();
        }
    }

    /// <summary>Nobody writes meanwhile.</summary>
    private void BehindGate(Action action)
    {
        List<CutGate> gates = [_memory.Gate];
        long until = Environment.TickCount64 + (long)_kernel.Options.LeaseLimit.TotalMilliseconds;
        if (CutGate.TryClose(gates, until) is not null)
        {
            throw new KernelException(Status.LeasesOutstanding, $"container '{Name}': write leases are still held");
        }

        try
        {
            action();
        }
        finally
        {
            CutGate.Open(gates);
        }
    }
}

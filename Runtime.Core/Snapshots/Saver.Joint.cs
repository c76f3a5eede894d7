using Runtime.Core.Faults;
using Runtime.Core.Managers;

namespace Runtime.Core.Snapshots;

/// <content>Containers that were cut together, and whose manager can make that one commit.</content>
internal sealed partial class Saver
{
    /// <summary>Those of one manager that can are one commit, and the others are each its own.</summary>
    private static void Join(IReadOnlyList<PendingSnapshot> cut)
    {
        if (cut.Count < 2)
        {
            return;
        }

        foreach (IGrouping<Manager, PendingSnapshot> together in cut.GroupBy(snapshot => snapshot.Memory.Manager))
        {
            if (CommitsTogether(together.Key) && together.Skip(1).Any())
            {
                var joint = new JointSave([.. together]);
                foreach (PendingSnapshot member in joint.Members)
                {
                    member.Joint = joint;
                }
            }
        }
    }

    /// <summary>A manager is somebody else's code; one that throws here commits its containers one by one.</summary>
    private static bool CommitsTogether(Manager manager)
    {
        try
        {
            return manager.CommitsTogether;
        }
#pragma warning disable CA1031 // The cut is made, and what it holds must be queued and let go.
        catch (Exception)
#pragma warning restore CA1031
        {
            return false;
        }
    }

    /// <returns>
    /// Whether it has ended; otherwise others are still to come, and nothing newer of its container is saved until
    /// then.
    /// </returns>
    private bool SaveMember(PendingSnapshot snapshot, JointSave joint)
    {
        if (joint.Failure is { } earlier)
        {
            FailMember(snapshot, earlier);
            return true;
        }

        KernelException? failure = snapshot.Snapshot.IsFailed
            ? snapshot.Memory.SaveFailure
            : Try(snapshot, context => Stabilise(snapshot, context));
        if (snapshot.IsGivenUp)
        {
            return true;                                            // whoever gave it up ends it, and the others
        }

        if (failure is not null)
        {
            FailJoint(snapshot, joint, failure, others: OfOther(snapshot, failure));
            return true;
        }

        if (!joint.TryArrive(snapshot, out bool isLast))
        {
            FailMember(snapshot, joint.Failure!);
            return true;
        }

        if (isLast)
        {
            CommitJoint(snapshot, joint);
        }

        return isLast;
    }

    private void CommitJoint(PendingSnapshot last, JointSave joint)
    {
        KernelException? failure = Try(last, context => Commit(last, joint, context));
        if (last.IsGivenUp)
        {
            return;
        }

        if (failure is not null)
        {
            foreach (PendingSnapshot member in joint.Members)
            {
                QuarantineUnlessTransient(member, failure);
            }

            FailJoint(last, joint, failure, others: failure);
            return;
        }

        foreach (PendingSnapshot member in joint.Members)
        {
            SaveOrFail(member, context => NoteStable(member, context));
            _queue.Release(member);
        }
    }

    private void FailJoint(PendingSnapshot failed, JointSave joint, KernelException reason, KernelException others)
    {
        FailMember(failed, reason);
        foreach (PendingSnapshot member in joint.Fail(others))
        {
            FailMember(member, others);
            _queue.Release(member);
        }
    }

    /// <summary>The upcall, for which somebody watches as for a save.</summary>
    private void Commit(PendingSnapshot last, JointSave joint, FaultContext context)
    {
        if (joint.Members.FirstOrDefault(member => member.IsDiscarded) is { } discarded)
        {
            throw CannotSave(discarded, Status.NoSuchInterval);
        }

        (Manager manager, Token token) = (last.Memory.Manager, last.Memory.Token);
        var watched = new UnsavedPages(last, context);
        last.Saving = watched;
        watched.Begin();
        try
        {
            Status status = manager.CommitTogether(
                [.. joint.Members.Select(member => new CommitMember(member.Memory.Token, member.Snapshot.Info))]);
            if (status != Status.Success)
            {
                throw CannotSave(last, status);
            }
        }
        finally
        {
            watched.End();
            TellIfGivenUp(watched, manager, token);
        }
    }

    /// <summary>It may have failed already, with an older one on which it was built.</summary>
    private void FailMember(PendingSnapshot member, KernelException reason)
    {
        if (member.Snapshot is { IsFailed: false } && !member.IsGivenUp)
        {
            Serve(member, context => Fail(member, context, reason));
        }
    }

    private static KernelException OfOther(PendingSnapshot failed, KernelException reason) => new(
        reason.Status,
        $"container '{failed.Memory.Name}', which was cut together with this one, was not saved: {reason.Message}",
        reason);

    private static KernelException? Try(PendingSnapshot snapshot, Action<FaultContext> work)
    {
        KernelException? failure = null;
        Serve(snapshot, context => failure = Attempt(snapshot, () => work(context)));
        return failure;
    }
}

using Runtime.Core.Containers;

namespace Runtime.Core.Loci;

/// <content>Executing.</content>
internal sealed partial class LocusEntity
{
    private const int StepsPerTurn = 64;

    [ThreadStatic]
    private static LocusEntity? s_current;

    private ContainerEntity? _inside;                               // whose turnstile it has passed
    private ulong _hops;                                            // how often it has gone from container to container
    private bool _isScheduled;                                      // on a thread of the scheduler
    private bool _wantsHold;                                        // cannot go on without a stack, and none is left
    private int _directRecords;                                     // on the invocation stack
    private int _directFrames;                                      // on the thread's stack

    /// <summary>The locus that the calling thread executes; null for a thread of the host program.</summary>
    internal static LocusEntity? Current => s_current;

    /// <summary>Whether its code is on the thread's stack, and so cannot leave the thread.</summary>
    internal bool HoldsThread => _directFrames > 0;

    /// <summary>Whether it executes in a container just now; for the thread that executes it.</summary>
    internal bool IsInside(ContainerEntity container) => _inside == container;

    /// <summary>Executes for a while, on a thread of the scheduler.</summary>
    internal void TakeTurn()
    {
        if (!Control.TryBeginTurn())
        {
            return;
        }

        _isScheduled = true;
        _wantsHold = false;
        Execute(StepsPerTurn);
        _isScheduled = false;
        bool wantsHold = _wantsHold;
        if (_depth == 0)
        {
            End();
        }
        else if (Control.EndTurn(mustGoOn: _host!.IsGone))
        {
            if (wantsHold)
            {
                Kernel.Scheduler.AddForHold(this);
            }
            else
            {
                Kernel.Scheduler.Add(this);
            }
        }
    }

    /// <summary>Executes until it has ended, on a thread of the host program.</summary>
    internal void RunToEnd()
    {
        while (_depth > 0)
        {
            Execute(int.MaxValue);
            if (_depth > 0)
            {
                Control.RestHere();
            }
        }

        End();
    }

    /// <summary>Executes until it ends, rests, or has made so many steps.</summary>
    private void Execute(int steps)
    {
        LocusEntity? before = s_current;
        s_current = this;
        try
        {
            EnterHost();
            Run(floor: 0, steps);
        }
        finally
        {
            LeaveHost();
            CloseWindows();
            s_current = before;
        }
    }

    /// <summary>Executes what is above a depth of the invocation stack.</summary>
    private void Run(int floor, int steps)
    {
        while (_depth > floor)
        {
            if ((IsAwaited && !TryPassBoundary(floor)) || steps-- == 0)
            {
                return;
            }

            InvocationRecord record = Top;
            if (record.Entry.Step is { } step)
            {
                Run(record, step);
            }
            else if (record.Entry.Direct is { } direct)
            {
                if (!TryBeginHold(out bool isFirst))
                {
                    return;
                }

                Run(record, direct, isFirst);
            }
            else
            {
                Control.Suspend();                                  // its code is not registered in this process
            }
        }
    }

    private void Run(InvocationRecord record, StepEntry code)
    {
        Step next;
        try
        {
            next = code(_stepContext);
        }
#pragma warning disable CA1031 // It is somebody else's code; whatever it throws ends its invocation and nothing else.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Fail(failure);
            return;
        }

        Perform(record, next);
    }

    /// <summary>Code in direct style needs a stack for itself, unless it has one already.</summary>
    private bool TryBeginHold(out bool isFirst)
    {
        isFirst = _directFrames == 0 && _isScheduled;
        _wantsHold = isFirst && !Kernel.Scheduler.TryBeginHold();
        return !_wantsHold;
    }

    private void Run(InvocationRecord record, DirectEntry code, bool isFirst)
    {
        int depth = _depth;
        _directFrames++;
        Exception? failure = null;
        try
        {
            code(_directContext);
        }
#pragma warning disable CA1031 // As above.
        catch (Exception thrown)
#pragma warning restore CA1031
        {
            failure = thrown;
        }
        finally
        {
            _directFrames--;
            if (isFirst)
            {
                Kernel.Scheduler.EndHold();
            }
        }

        if (_depth < depth)
        {
            return;                                                 // its invocation was ended under it
        }

        if (failure is not null)
        {
            Fail(failure);
        }
        else
        {
            PerformPending(record);
        }
    }

    /// <summary>
    /// Whether others have asked for something, or wait for it to leave; or windows are to be closed.
    /// </summary>
    private bool IsAwaited =>
        Control.Requests != LocusRequests.None || Top.Host.Turns.IsClosed || _windows is { Count: > 0 };

    /// <summary>Does all that others have asked for, also while it rested.</summary>
    /// <returns>False if the thread is to let go of the locus, or nothing is left above the depth.</returns>
    private bool TryPassBoundary(int floor)
    {
        while (_depth > floor && IsAwaited)
        {
            if (!TryGoOn())
            {
                return false;
            }
        }

        return _depth > floor;
    }

    /// <summary>Does what others have asked for, and lets a cut be made.</summary>
    /// <returns>False if the thread is to let go of the locus.</returns>
    private bool TryGoOn()
    {
        LeaveHost();
        CloseWindows();
        LocusRequests requests = Control.Requests;
        if ((requests & LocusRequests.End) != 0)
        {
            PopAll();
            return true;
        }

        Control.ForgetReturn();                                     // entering finds out whether it is still to be made
        if (Control.IsToRest && !Top.Host.IsGone)
        {
            if (!HoldsThread)
            {
                return false;
            }

            Control.RestHere();
        }

        EnterHost();
        return true;
    }

    /// <summary>Enters the container where it executes; one that is gone is left for good.</summary>
    private void EnterHost()
    {
        while (_depth > 0 && _inside is null)
        {
            ContainerEntity host = Top.Host;
            if (!host.IsGone && host.Turns.TryEnter())
            {
                _inside = host;
            }
            else
            {
                ForceReturn();
            }
        }
    }

    private void LeaveHost()
    {
        _inside?.Turns.Leave();
        _inside = null;
    }

    /// <summary>Leaves containers that are gone: to the first record whose container is not, or for good.</summary>
    private void ForceReturn()
    {
        ForgetPending();                                            // it was asked for by code that is over
        lock (_record)
        {
            while (_depth > 0 && Top.Host.IsGone)
            {
                Pop();
            }
        }

        LastStatus = Status.ContainerGone;
        LastFailure = null;
        Out.Clear();
    }

    private void PopAll()
    {
        ForgetPending();
        lock (_record)
        {
            while (_depth > 0)
            {
                Pop();
            }
        }

        LastStatus = Status.ContainerGone;
    }

    /// <summary>The code threw: its invocation is over, and its caller is told.</summary>
    private void Fail(Exception failure)
    {
        LeaveHost();
        ForgetPending();
        lock (_record)
        {
            LastStatus = Top.Host.IsGone ? Status.ContainerGone : Status.EntryFailed;
            LastFailure = failure;
            Out.Clear();
            Pop();
        }

        EnterHost();
    }
}

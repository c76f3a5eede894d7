using System.Diagnostics;

namespace Runtime.Core.Tracing;

/// <summary>
/// Sees the calls between kernels and their managers (<see cref="KernelOptions.Trace"/>): each as it begins and as it
/// returns.
/// </summary>
/// <remarks>
/// <para>
/// Both methods run on the thread that makes the call, several at once, mostly in the middle of a fault or under locks
/// of the kernel: they must be quick, must not wait for another thread that may be in a call, and must not call a
/// kernel or touch a container. Calls that they make all the same are not seen. What they throw is dropped: nothing
/// fails because somebody looks.
/// </para>
/// <para>
/// The kernel allocates nothing for a trace while it serves a fault, takes a snapshot or asks for pages, and without
/// one it does nothing for it. Source: docs/semantics.md, "Traces".
/// </para>
/// </remarks>
public abstract class ManagerTrace
{
    [ThreadStatic]
    private static int s_depth;

    [ThreadStatic]
    private static bool s_isLooking;

    private readonly long _created = Stopwatch.GetTimestamp();
    private long _last;

    /// <summary>The names of all calls that there are, sorted.</summary>
    public static IReadOnlyList<string> CallNames => Tracing.CallNames.All;

    /// <summary>A call begins.</summary>
    protected virtual void Called(in TracedCall call)
    {
    }

    /// <summary>A call has returned or thrown: as it began, with its outcome.</summary>
    protected abstract void Returned(in TracedCall call);

    /// <returns>The call with its number; 0 if it is not to be seen.</returns>
    internal TracedCall Begin(in TracedCall call)
    {
        if (s_isLooking)
        {
            return default;
        }

        TracedCall numbered = call with
        {
            Number = Interlocked.Increment(ref _last),
            Depth = s_depth++,
            At = Stopwatch.GetElapsedTime(_created),
        };
        Show(in numbered);
        return numbered;
    }

    /// <summary>A call that goes on when its thread does something else: it may end on another.</summary>
    internal TracedCall BeginAside(in TracedCall call)
    {
        TracedCall begun = Begin(in call);
        s_depth -= begun.Number == 0 ? 0 : 1;
        return begun;
    }

    internal void EndAside(in TracedCall call, Status status)
    {
        s_depth += call.Number == 0 ? 0 : 1;
        End(in call, status, result: null);
    }

    internal void End(in TracedCall call, Status status, long? result)
    {
        if (call.Number == 0)
        {
            return;
        }

        s_depth--;
        Show(call with
        {
            Elapsed = Stopwatch.GetElapsedTime(_created) - call.At,
            Status = status,
            Result = result,
        });
    }

    private void Show(in TracedCall call)
    {
        s_isLooking = true;
        try
        {
            if (call.Status is null)
            {
                Called(in call);
            }
            else
            {
                Returned(in call);
            }
        }
#pragma warning disable CA1031 // Whoever looks is somebody else's code; the call goes on whatever it throws.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
        finally
        {
            s_isLooking = false;
        }
    }
}

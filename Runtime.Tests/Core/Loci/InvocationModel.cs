using Runtime.Core;

namespace Runtime.Tests.Core.Loci;

/// <summary>What docs/semantics.md says of one locus: its invocation stack, and what its code sees.</summary>
internal sealed class InvocationModel
{
    /// <summary>One record of the stack.</summary>
    internal sealed class Frame(int container, uint userRights, byte[] @in)
    {
        internal int Container { get; private set; } = container;

        internal uint UserRights { get; private set; } = userRights;

        internal byte[] In { get; private set; } = @in;

        internal ulong ResumePoint { get; set; }

        /// <summary>Whether its code was entered already.</summary>
        internal bool IsEntered { get; set; }
    }

    private readonly HashSet<int> _gone = [];

    internal Stack<Frame> Frames { get; } = new();

    internal Frame Top => Frames.Peek();

    internal byte[] Out { get; private set; } = [];

    /// <summary>What the last way on came to; at the end, why it ended.</summary>
    internal Status Status { get; private set; }

    internal bool IsGone(int container) => _gone.Contains(container);

    internal void Begin(int container, byte[] @in) => Frames.Push(new Frame(container, uint.MaxValue, @in));

    /// <summary>The answer to an invocation, without making it.</summary>
    internal Status Check(int target, bool isNested) => IsGone(target) ? Status.InvalidCapRef
        : isNested && Frames.Count == 256 ? Status.NestingExhausted
        : Status.Success;

    internal Status Invoke(int target, uint userRights, bool isNested, byte[] @in)
    {
        Status = Check(target, isNested);
        if (Status == Status.Success)
        {
            if (!isNested)
            {
                Frames.Pop();
            }

            Frames.Push(new Frame(target, userRights, @in));
        }

        return Status;
    }

    internal Status CheckReturn() =>
        Frames.Count > 1 && IsGone(Frames.ElementAt(1).Container) ? Status.ContainerGone : Status.Success;

    internal Status Return(byte[] block)
    {
        Status = CheckReturn();
        if (Status == Status.Success)
        {
            Out = block;
            Frames.Pop();
        }

        return Status;
    }

    /// <summary>Code in direct style is over, also if its return fails.</summary>
    internal void Leave(byte[] block)
    {
        if (Return(block) != Status.Success)
        {
            Out = [];
            Frames.Pop();
            PassBoundary();
        }
    }

    internal void Throw()
    {
        Status = IsGone(Top.Container) ? Status.ContainerGone : Status.EntryFailed;
        Out = [];
        Frames.Pop();
        PassBoundary();
    }

    internal void Continue(ulong at)
    {
        Top.ResumePoint = at;
        Status = Status.Success;
    }

    internal Status Destroy(int container) => _gone.Add(container) ? Status.Success : Status.InvalidCapRef;

    internal void End()
    {
        Frames.Clear();
        Status = Status.ContainerGone;
    }

    /// <summary>Containers that are gone are left.</summary>
    internal void PassBoundary()
    {
        while (Frames.Count > 0 && IsGone(Top.Container))
        {
            Frames.Pop();
            Out = [];
            Status = Status.ContainerGone;
        }
    }
}

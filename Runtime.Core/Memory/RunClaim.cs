using Runtime.Core.Faults;

namespace Runtime.Core.Memory;

/// <summary>
/// A claim on absent pages that follow each other, by whoever brings them in before they are asked for.
/// </summary>
/// <remarks>Not thread safe. Its holder is inside the memory, and leaves it with the claim.</remarks>
internal sealed class RunClaim : IDisposable
{
    private readonly FaultContext _context;
    private bool _isLeft;

    internal RunClaim(ContainerMemory memory, long first)
    {
        Memory = memory;
        First = first;
        _context = FaultContext.BeginServing(memory, (ulong)first * PageNumber.Size);
    }

    internal ContainerMemory Memory { get; }

    internal long First { get; }

    internal int Count { get; set; }

    internal int Owner => _context.Number;

    internal bool IsEnded { get; private set; }

    internal void Install()
    {
        Memory.InstallRun(First, Count);
        End();
    }

    public void Dispose()
    {
        if (_isLeft)
        {
            return;
        }

        _isLeft = true;
        if (!IsEnded)
        {
            Memory.AbandonRun(First, Count);
            End();
        }

        Memory.Leave();
    }

    private void End()
    {
        IsEnded = true;
        _context.EndServing();
    }
}

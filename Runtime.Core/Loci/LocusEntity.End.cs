namespace Runtime.Core.Loci;

/// <content>The end, and who waits for it.</content>
internal sealed partial class LocusEntity
{
    private readonly TaskCompletionSource<byte[]> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes with the block that its last return passed, or fails with what ended it.</summary>
    internal Task<byte[]> Completion => _ended.Task;

    /// <summary>Whether it serves one call of the host program after the other, and nobody waits for its end.</summary>
    internal bool IsReused { get; init; }

    private void End()
    {
        Control.End();
        if (IsReused)
        {
            return;
        }

        Kernel.Forget(this);
        if (LastStatus == Status.Success)
        {
            _ended.TrySetResult(Out.Bytes.ToArray());
        }
        else
        {
            _ended.TrySetException(EndedBy());
            _ = _ended.Task.Exception;                              // seen: whoever wants it waits for the end
        }

        Out.Clear();
    }

    /// <summary>Why it ended without a return.</summary>
    internal KernelException EndedBy() => LastStatus == Status.EntryFailed
        ? new KernelException(Status.EntryFailed, $"the code of locus {Id} threw", LastFailure)
        : new KernelException(LastStatus, $"locus {Id} ended without returning: {LastStatus}", LastFailure);
}

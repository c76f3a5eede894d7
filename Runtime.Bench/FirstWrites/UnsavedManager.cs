using Runtime.Core;
using Runtime.Core.Managers;
using Runtime.Core.Snapshots;
using Runtime.Core.Storage;

namespace Runtime.Bench.FirstWrites;

/// <summary>A manager of zeroes that says of every page that it is saved, but not before it may.</summary>
internal sealed class UnsavedManager : Manager
{
    private const int PagesAtOnce = 256;

    private ulong _lastToken;

    /// <summary>Whether pages may be saved; while not, a write to one copies it aside.</summary>
    internal ManualResetEventSlim MaySave { get; } = new(initialState: true);

    protected internal override ManagedContainer OpenContainer(ContainerRecord container, StateInterval? version) =>
        new(new Token(Interlocked.Increment(ref _lastToken)), container.Length, new StateInterval(1));

    protected internal override Status ContainerFault(in PageFault fault)
    {
        fault.Memory.Clear();
        fault.Install();
        return Status.Success;
    }

    protected internal override Status ContainerSnapshot(in SnapshotCut cut) => Status.Success;

    protected internal override Status ContainerStabiliseRequest(in StabiliseRequest request)
    {
        MaySave.Wait();
        while (request.TryNext(PagesAtOnce))
        {
            request.MarkSaved();
        }

        return Status.Success;
    }

    protected internal override IReadOnlyList<SnapshotInfo> History(ContainerRecord container) => [];

    protected override void Dispose(bool disposing)
    {
        MaySave.Dispose();
        base.Dispose(disposing);
    }
}

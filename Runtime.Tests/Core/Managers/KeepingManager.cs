using Runtime.Core;
using Runtime.Core.Managers;
using Runtime.Core.Snapshots;
using Runtime.Core.Storage;

namespace Runtime.Tests.Core.Managers;

/// <summary>Keeps one content for each page, which cuts and writebacks replace.</summary>
internal sealed class KeepingManager : Manager
{
    private readonly Lock _lock = new();                            // guards the fields below
    private readonly Dictionary<ulong, byte[]> _kept = [];
    private readonly List<SnapshotInfo> _history = [];
    private int _cutPages;

    internal ManagerServices Calls => Services;

    internal int Cuts
    {
        get
        {
            lock (_lock)
            {
                return _history.Count;
            }
        }
    }

    /// <summary>How many pages the last cut gave.</summary>
    internal int CutPages
    {
        get
        {
            lock (_lock)
            {
                return _cutPages;
            }
        }
    }

    /// <summary>Keeps what was written away, unless a cut has come since.</summary>
    internal bool TryKeep(int cuts, PageNumber page, byte[] content)
    {
        lock (_lock)
        {
            if (_history.Count != cuts)
            {
                return false;
            }

            _kept[page.Value] = content;
            return true;
        }
    }

    protected internal override ManagedContainer OpenContainer(ContainerRecord container, StateInterval? version) =>
        new(new Token(container.Id), container.Length, new StateInterval(1));

    protected internal override Status ContainerFault(in PageFault fault)
    {
        lock (_lock)
        {
            _kept.GetValueOrDefault(fault.Page.Value)?.CopyTo(fault.Memory);
        }

        fault.Install();
        return Status.Success;
    }

    protected internal override Status ContainerSnapshot(in SnapshotCut cut)
    {
        lock (_lock)
        {
            _cutPages = 0;
            foreach (PageNumber page in cut.Pages)
            {
                _kept[page.Value] = cut.Read(page).ToArray();
                _cutPages++;
            }

            _history.Add(cut.Info);
            return Status.Success;
        }
    }

    protected internal override IReadOnlyList<SnapshotInfo> History(ContainerRecord container)
    {
        lock (_lock)
        {
            return [.. _history];
        }
    }
}

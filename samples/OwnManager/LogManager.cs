using System.Collections.Concurrent;
using Runtime.Core;
using Runtime.Core.Managers;
using Runtime.Core.Snapshots;
using Runtime.Core.Storage;

namespace OwnManager;

/// <summary>Keeps each container in a log of its own, and its newest version only.</summary>
internal sealed class LogManager(string folder) : Manager
{
    private readonly ConcurrentDictionary<Token, PageLog> _logs = new();

    protected override ManagedContainer OpenContainer(ContainerRecord container, StateInterval? version)
    {
        if (version is not null)
        {
            throw new KernelException(Status.NoSuchInterval, $"'{container.Name}' keeps its newest version only");
        }

        var token = new Token(container.Id);
        PageLog log = _logs[token] = PageLog.Open(folder, container.Id);
        StateInterval newest = log.Newest?.Interval ?? default;
        return new ManagedContainer(token, container.Length, newest.Next) { Baseline = newest };
    }

    protected override Status ContainerFault(in PageFault fault)
    {
        _logs[fault.Container].Read(fault.Page, fault.Memory);
        fault.Install();
        return Status.Success;
    }

    protected override Status ContainerSnapshot(in SnapshotCut cut) => Status.Success;

    protected override Status ContainerStabiliseRequest(in StabiliseRequest request)
    {
        PageLog log = _logs[request.Container];
        while (request.TryNext(most: 16))
        {
            for (int i = 0; i < request.Count; i++)
            {
                log.Append(request.Page(i), request.Memory(i));
            }

            request.MarkSaved();
        }

        log.Commit(request.Info);
        return Status.Success;
    }

    protected override IReadOnlyList<SnapshotInfo> History(ContainerRecord container)
    {
        using PageLog? closed = _logs.TryGetValue(new Token(container.Id), out PageLog? open)
            ? null
            : PageLog.Open(folder, container.Id);
        return (open ?? closed)!.Newest is { } newest ? [newest] : [];
    }

    protected override void CloseContainer(Token container)
    {
        if (_logs.TryRemove(container, out PageLog? log))
        {
            log.Dispose();
        }
    }
}

using System.Collections.Concurrent;
using OwnManager;
using Runtime.Core;
using Runtime.Core.Managers;
using Runtime.Core.Snapshots;
using Runtime.Core.Storage;
using Runtime.Core.Tracing;

namespace Runtime.Tests.Tool.Samples;

/// <summary>
/// The steps of docs/writing-a-manager.md on the way to samples/OwnManager, which <see cref="WritingAManagerTests"/>
/// runs.
/// </summary>
internal static class WritingAManager
{
    internal static class FirstStep
    {
        internal sealed class LogManager : Manager
        {
            protected internal override ManagedContainer OpenContainer(
                ContainerRecord container, StateInterval? version) =>
                new(new Token(container.Id), container.Length, new StateInterval(1)) { IsReadOnly = true };

            protected internal override Status ContainerFault(in PageFault fault)
            {
                BitConverter.TryWriteBytes(fault.Memory, fault.Page.Value);
                fault.Install();
                return Status.Success;
            }

            protected internal override Status ContainerSnapshot(in SnapshotCut cut) => Status.PermissionDenied;

            protected internal override IReadOnlyList<SnapshotInfo> History(ContainerRecord container) => [];
        }
    }

    internal static class SecondStep
    {
        internal sealed class LogManager(string folder) : Manager
        {
            private readonly ConcurrentDictionary<Token, PageLog> _logs = new();

            protected internal override ManagedContainer OpenContainer(
                ContainerRecord container, StateInterval? version)
            {
                var token = new Token(container.Id);
                PageLog log = _logs[token] = PageLog.Open(folder, container.Id);
                StateInterval newest = log.Newest?.Interval ?? default;
                return new ManagedContainer(token, container.Length, newest.Next) { IsReadOnly = true };
            }

            protected internal override Status ContainerFault(in PageFault fault)
            {
                _logs[fault.Container].Read(fault.Page, fault.Memory);
                fault.Install();
                return Status.Success;
            }

            protected internal override void CloseContainer(Token container)
            {
                if (_logs.TryRemove(container, out PageLog? log))
                {
                    log.Dispose();
                }
            }

            protected internal override Status ContainerSnapshot(in SnapshotCut cut) => Status.PermissionDenied;

            protected internal override IReadOnlyList<SnapshotInfo> History(ContainerRecord container) => [];
        }
    }

    internal sealed class FaultLog(TextWriter output) : ManagerTrace
    {
        protected override void Returned(in TracedCall call)
        {
            if (call.Name == "container_fault")
            {
                output.WriteLine($"{call} ({call.Elapsed.TotalMicroseconds} µs)");
            }
        }
    }
}

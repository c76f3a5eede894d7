using Runtime.Core.Capabilities;
using Runtime.Core.Containers;
using Runtime.Core.Storage;

namespace Runtime.Core.Loci;

/// <content>What the kernel's log keeps of it.</content>
internal sealed partial class LocusEntity
{
    // Held where the record changes outside of its host, and by whoever reads it then.
    private readonly Lock _record = new();

    /// <summary>Whether it cannot be kept: code in direct style is on its stack.</summary>
    internal bool IsDirect => Volatile.Read(ref _directRecords) > 0;

    /// <summary>Its record; it does not execute, and whoever calls keeps it from that.</summary>
    /// <returns>Null if there is nothing to keep.</returns>
    internal LocusRecord? Capture()
    {
        lock (_record)
        {
            return _depth == 0 || IsDirect || IsReused
                ? null
                : new LocusRecord(
                    Id,
                    _hops,
                    (Control.Requests & LocusRequests.Suspend) != 0,
                    LastStatus,
                    [.. Registers],
                    Out.Bytes.ToArray(),
                    Table.Capture(),
                    [.. _stack.Take(_depth).Select(record => new InvocationState(
                        record!.Host.Id,
                        record.Entry.Name,
                        record.ResumePoint,
                        record.UserRights,
                        record.In.Bytes.ToArray(),
                        [.. (record.Window?.Mappings ?? []).Select(mapping => new MappingState(
                            mapping.Offset,
                            mapping.Source.Id,
                            mapping.SourceOffset,
                            mapping.Length,
                            mapping.Access))]))]);
        }
    }

    /// <summary>What it looks like to somebody who passes by.</summary>
    internal LocusInfo Describe(IReadOnlyList<SlotInfo> slots)
    {
        lock (_record)
        {
            var stack = new List<InvocationInfo>();
            foreach (InvocationRecord? record in _stack.AsSpan(0, _depth))
            {
                // One that executes may leave it just now.
                if (record is { Host: { } host, Entry: { } entry })
                {
                    stack.Add(new InvocationInfo(
                        host.Record.Name, entry.Name, record.ResumePoint, record.In.Length));
                }
            }

            return new LocusInfo(Id, Control.State, stack, slots);
        }
    }

    /// <summary>Begins where an earlier life was, at rest.</summary>
    /// <returns>False if a container on its stack is gone, where it executes.</returns>
    internal bool TryLoad(
        LocusRecord state, Func<ulong, ContainerEntity?> findContainer, Func<string, EntryPoint> findEntry)
    {
        foreach (InvocationState invocation in state.Stack.Take(LocusLimits.InvocationDepth))
        {
            if (findContainer(invocation.Host) is not { } host)
            {
                return false;
            }

            _passed.Freeze(invocation.In);
            Push(host, findEntry(invocation.Entry), invocation.UserRights);
            Top.ResumePoint = invocation.ResumePoint;
            foreach (MappingState mapping in invocation.Mappings)
            {
                if (findContainer(mapping.Source) is { } source)
                {
                    Top.PrivateWindow(Kernel).Load(new PrivateMapping(
                        mapping.Offset, source, mapping.SourceOffset, mapping.Length, mapping.Access));
                }
            }
        }

        state.Registers.AsSpan(0, Math.Min(state.Registers.Length, Registers.Length)).CopyTo(Registers);
        Table.LoadUnsynchronized(state.Slots, findContainer);
        Out.Freeze(state.Out);
        LastStatus = state.LastStatus;
        _hops = state.Hops;
        Control.Begin(isRunning: false);
        return _depth > 0;
    }
}

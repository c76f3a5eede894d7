using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Managers;
using Runtime.Core.Snapshots;
using Runtime.Core.Storage;

namespace Runtime.Stores.Managers;

/// <summary>
/// An open container of a layer: the newest interval that was saved is what its backing container holds.
/// </summary>
/// <remarks>
/// Thread safe. All that was written since is in memory: a layer gives dirty pages back to nobody, and the kernel keeps
/// unsaved ones. So a page that is asked for is as the backing container has it, unless it was cut off since.
/// </remarks>
internal sealed class OpenedLayer(
    ContainerRecord record, Container backing, LayerHeader header, LayerCodec codec, LayerLayout layout) : IDisposable
{
    private readonly object _lock = new();                          // guards the fields below; also waited on
    private readonly List<PendingLayer> _pending = [];              // oldest first
    private long _openZeroFrom = long.MaxValue;
    private long _zeroFrom = long.MaxValue;                         // the least of all that are not saved

    public ContainerRecord Record => record;

    public Container Backing => backing;

    public long Length => layout.Length(backing.Length);

    public void Supply(in PageFault fault)
    {
        long page = (long)fault.Page.Value;
        if (page >= Volatile.Read(ref _zeroFrom) || !codec.Holds(page))
        {
            fault.Install();                                        // its memory is zeroes already
            return;
        }

        codec.Supply(fault, ref _zeroFrom);
    }

    public Status Resize(long length)
    {
        if (layout.BackingLength(length) > backing.MaximumLength)
        {
            return Status.NoResources;
        }

        lock (_lock)
        {
            _openZeroFrom = Math.Min(_openZeroFrom, PageNumber.CountFor(length));
            NoteUnsynchronized();
            return Status.Success;
        }
    }

    public void Cut(SnapshotInfo info)
    {
        lock (_lock)
        {
            _pending.Add(new PendingLayer(info) { ZeroFrom = _openZeroFrom });
            _openZeroFrom = long.MaxValue;
        }
    }

    /// <summary>Writes an interval to the backing container, which is then to be saved.</summary>
    public void Write(in StabiliseRequest request)
    {
        StateInterval interval = request.Interval;
        PendingLayer pending;
        lock (_lock)
        {
            pending = FindUnsynchronized(interval) ?? throw new KernelException(
                Status.NoSuchInterval, $"interval {interval} of '{record.Name}' is not to be saved");
        }

        header.WriteIfNew(backing);
        if (pending.ZeroFrom < PageNumber.CountFor(Length))
        {
            codec.Clear(pending.ZeroFrom);
            backing.Resize(layout.BackingLength(pending.ZeroFrom * PageNumber.Size));
        }

        long length = layout.BackingLength(pending.Info.Length);
        if (length != backing.Length)
        {
            backing.Resize(length);
        }

        codec.Save(request);
    }

    public void Complete(StateInterval interval)
    {
        lock (_lock)
        {
            header.NoteSaved();
            RemoveUnsynchronized(interval);
        }
    }

    /// <summary>What was cut off in it is cut off in the interval after it.</summary>
    public void Abandon(StateInterval interval)
    {
        lock (_lock)
        {
            int index = _pending.FindIndex(pending => pending.Info.Interval == interval);
            if (index < 0)
            {
                return;
            }

            long zeroFrom = _pending[index].ZeroFrom;
            if (index + 1 < _pending.Count)
            {
                _pending[index + 1].ZeroFrom = Math.Min(_pending[index + 1].ZeroFrom, zeroFrom);
            }
            else
            {
                _openZeroFrom = Math.Min(_openZeroFrom, zeroFrom);
            }

            RemoveUnsynchronized(interval);
        }
    }

    /// <summary>Waits until an interval that was cut is saved, or has come to nothing.</summary>
    public void WaitFor(StateInterval interval)
    {
        lock (_lock)
        {
            while (FindUnsynchronized(interval) is not null)
            {
                Monitor.Wait(_lock);
            }
        }
    }

    /// <summary>What is not in the backing container's history yet.</summary>
    public IReadOnlyList<SnapshotInfo> Pending()
    {
        lock (_lock)
        {
            return [.. _pending.Select(pending => pending.Info)];
        }
    }

    public void Dispose()
    {
        codec.Dispose();
        backing.Abandon();                                          // all that was to be kept was saved
    }

    private PendingLayer? FindUnsynchronized(StateInterval interval) =>
        _pending.Find(pending => pending.Info.Interval == interval);

    private void RemoveUnsynchronized(StateInterval interval)
    {
        _pending.RemoveAll(pending => pending.Info.Interval == interval);
        NoteUnsynchronized();
        Monitor.PulseAll(_lock);
    }

    private void NoteUnsynchronized() => Volatile.Write(
        ref _zeroFrom, _pending.Select(pending => pending.ZeroFrom).Append(_openZeroFrom).Min());
}

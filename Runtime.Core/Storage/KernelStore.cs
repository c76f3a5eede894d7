using System.Buffers.Binary;
using Runtime.Core.Managers;

namespace Runtime.Core.Storage;

/// <summary>The kernel's own records: what they mean, and which of them count.</summary>
/// <remarks>
/// Thread safe. A container's record belongs to the version whose interval it names and is durable before that version
/// is; at boot the newest record counts that is not newer than the container's newest version. Source:
/// docs/semantics.md, "What survives a restart".
/// </remarks>
internal sealed class KernelStore : IDisposable
{
    private const ulong NumbersAtOnce = 1024;
    private const long LeastBlocksToCompact = 64;

    private readonly Lock _lock = new();                            // guards the fields below
    private readonly Dictionary<ulong, List<KernelLogRecord>> _records = []; // the newest last
    private readonly Dictionary<ulong, RootPage> _roots = [];
    private readonly Dictionary<ulong, StateInterval> _lines = [];
    private readonly IVolume _volume;
    private IKernelLog? _log;
    private ulong _nextNumber = 1;
    private ulong _reservedNumbers = 1;

    internal KernelStore(IVolume volume)
    {
        _volume = volume;
        try
        {
            _log = volume.KernelLog;
            if (_log is not null)
            {
                Load();
            }
        }
        catch (VolumeException failure)
        {
            NoteDamage(failure);
        }
    }

    /// <summary>Why the log cannot be read; null if it can.</summary>
    internal VolumeException? Failure { get; private set; }

    /// <summary>Whether anything outlives the process.</summary>
    internal bool IsDurable => _log is { IsReadOnly: false };

    internal IReadOnlyCollection<KernelLogRecord> Containers
    {
        get
        {
            lock (_lock)
            {
                return [.. _records.Values.Select(records => records[^1])];
            }
        }
    }

    /// <exception cref="VolumeException">The log is damaged.</exception>
    internal void ThrowIfDamaged()
    {
        if (Failure is not null)
        {
            throw new VolumeException(Failure.Status, Failure.Message, Failure);
        }
    }

    /// <summary>
    /// From here on nothing is written to the log. Pages do not depend on it, and who wants capabilities is told.
    /// </summary>
    internal void NoteDamage(VolumeException failure)
    {
        Failure = failure;
        _log = null;
    }

    /// <summary>The interval of a container's newest record; 0 if there is none.</summary>
    internal StateInterval IntervalOf(ulong container)
    {
        lock (_lock)
        {
            return new StateInterval(
                _records.TryGetValue(container, out List<KernelLogRecord>? records) ? records[^1].Interval : 0);
        }
    }

    /// <summary>
    /// The highest interval of which the container has had a version, or the one in which it is kept.
    /// </summary>
    internal StateInterval NewestOf(ContainerRecord container)
    {
        StateInterval newest = container.Newest;
        if (_volume.Find(BackingContainers.NameFor(container.Id)) is { } backing)
        {
            newest = Later(newest, NewestOf(backing));
        }

        lock (_lock)
        {
            return Later(newest, _lines.GetValueOrDefault(container.Id));
        }
    }

    /// <summary>The root page of a container; null if it has none.</summary>
    internal RootPage? RootOf(ulong container)
    {
        lock (_lock)
        {
            return _roots.GetValueOrDefault(container);
        }
    }

    /// <summary>Keeps a container's root page, durably: the commit of its manager.</summary>
    internal void SaveRoot(ulong container, RootPage root)
    {
        lock (_lock)
        {
            AppendUnsynchronized(root.ToRecord(container));
            _roots[container] = root;
            _lines[container] = root.Interval;
            if (_log is not null)
            {
                CompactIfWorthwhileUnsynchronized();
            }
        }
    }

    /// <summary>
    /// A snapshot is stable: if the volume does not know, and a record of that interval is to count, the log says so.
    /// </summary>
    internal void NoteStable(ContainerRecord container, StateInterval interval)
    {
        lock (_lock)
        {
            if (!_records.TryGetValue(container.Id, out List<KernelLogRecord>? records)
                || records[^1].Interval > interval.Value
                || _volume.Find(container.Name) is not { } known
                || new StateInterval(records[^1].Interval) <= NewestOf(known))
            {
                return;
            }

            AppendUnsynchronized(Line(container.Id, interval));
            _lines[container.Id] = interval;
        }
    }

    /// <summary>Below it are all numbers that were or may have been given out.</summary>
    internal ulong EndOfNumbers
    {
        get
        {
            lock (_lock)
            {
                return _nextNumber;
            }
        }
    }

    /// <summary>A number that was never given out before, in this life or an earlier one.</summary>
    internal ulong NextNumber()
    {
        lock (_lock)
        {
            if (_nextNumber == _reservedNumbers)
            {
                ulong reserved = _nextNumber + NumbersAtOnce;
                if (_log is { IsReadOnly: false })
                {
                    _log.Append(Numbers(reserved));
                    _log.Flush();
                }

                _reservedNumbers = reserved;
            }

            return _nextNumber++;
        }
    }

    /// <summary>Whether a container's newest record says just this.</summary>
    internal bool Keeps(ulong container, ReadOnlySpan<byte> state)
    {
        lock (_lock)
        {
            return _records.TryGetValue(container, out List<KernelLogRecord>? records)
                && records[^1].Payload.Span.SequenceEqual(state);
        }
    }

    /// <summary>Keeps a container's state, durably.</summary>
    internal void Save(ulong container, StateInterval interval, byte[] state)
    {
        lock (_lock)
        {
            if (_log is null)
            {
                return;
            }

            var record = new KernelLogRecord((byte)KernelRecordKind.Container, container, interval.Value, state);
            AppendUnsynchronized(record);
            if (!_records.TryGetValue(container, out List<KernelLogRecord>? records))
            {
                _records.Add(container, records = []);
            }

            records.Add(record);
            CompactIfWorthwhileUnsynchronized();
        }
    }

    /// <summary>A container was destroyed; the volume knows that already.</summary>
    internal void Drop(ulong container)
    {
        lock (_lock)
        {
            bool isKnown = _records.Remove(container) | _roots.Remove(container) | _lines.Remove(container);
            if (isKnown && _log is { IsReadOnly: false })
            {
                _log.Append(new KernelLogRecord((byte)KernelRecordKind.Drop, container, Interval: 0, default));
            }
        }
    }

    /// <summary>Makes the last reports of destroyed containers durable. The log is the volume's to close.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_log is { IsReadOnly: false })
            {
                _log.Flush();
            }
        }
    }

    private static StateInterval Later(StateInterval one, StateInterval other) => one > other ? one : other;

    private static KernelLogRecord Line(ulong container, StateInterval interval) =>
        new((byte)KernelRecordKind.Line, container, interval.Value, default);

    private static KernelLogRecord Numbers(ulong reserved)
    {
        var payload = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(payload, reserved);
        return new KernelLogRecord((byte)KernelRecordKind.Numbers, Container: 0, Interval: 0, payload);
    }

    private void Load()
    {
        Dictionary<ulong, ContainerRecord> containers = ContainersOfVolume();
        bool isAllInUse = true;
        LoadLines(containers);
        foreach (KernelLogRecord record in _log!.Records)
        {
            switch ((KernelRecordKind)record.Kind)
            {
                case KernelRecordKind.Container when Counts(record, containers):
                    _records[record.Container] = [record];
                    break;
                case KernelRecordKind.Container:
                    isAllInUse = false;
                    break;
                case KernelRecordKind.Drop:
                    _records.Remove(record.Container);
                    break;
                case KernelRecordKind.RootPage or KernelRecordKind.Line:
                    break;                                          // they tell which of the others count
                case KernelRecordKind.Numbers when record.Payload.Length == sizeof(ulong):
                    _nextNumber = BinaryPrimitives.ReadUInt64LittleEndian(record.Payload.Span);
                    _reservedNumbers = _nextNumber;
                    break;
                default:
                    throw new VolumeException(
                        Status.IoError, $"kernel.log: a record of kind {record.Kind} is not known to this version");
            }
        }

        if (!isAllInUse && !_log.IsReadOnly)
        {
            // The interval of a record that does not count may be issued again, and must not find it here.
            CompactUnsynchronized();
        }
    }

    /// <summary>Which intervals are stable beside those of the volume, and the root pages.</summary>
    private void LoadLines(Dictionary<ulong, ContainerRecord> containers)
    {
        foreach (KernelLogRecord record in _log!.Records.Where(record => containers.ContainsKey(record.Container)))
        {
            switch ((KernelRecordKind)record.Kind)
            {
                case KernelRecordKind.RootPage:
                    _roots[record.Container] = RootPage.Of(record);
                    _lines[record.Container] = new StateInterval(record.Interval);
                    break;
                case KernelRecordKind.Line:
                    _lines[record.Container] = new StateInterval(record.Interval);
                    break;
                case KernelRecordKind.Drop:
                    _roots.Remove(record.Container);
                    _lines.Remove(record.Container);
                    break;
            }
        }
    }

    /// <exception cref="VolumeException">The log is read-only, or cannot be written.</exception>
    private void AppendUnsynchronized(KernelLogRecord record)
    {
        if (_log is not null)
        {
            _log.Append(record);
            _log.Flush();
        }
    }

    private bool Counts(KernelLogRecord record, Dictionary<ulong, ContainerRecord> containers) =>
        containers.TryGetValue(record.Container, out ContainerRecord? container)
        && (container.IsUnmanaged || record.Interval <= NewestOf(container).Value);

    private void CompactIfWorthwhileUnsynchronized()
    {
        if (_log!.Blocks > LeastBlocksToCompact && _log.Blocks > 2 * _log.CompactedBlocks)
        {
            CompactUnsynchronized();
        }
    }

    /// <summary>
    /// A record is durable before its version is, so until that is, an older one is what a crash would leave.
    /// </summary>
    private void CompactUnsynchronized()
    {
        Dictionary<ulong, ContainerRecord> containers = ContainersOfVolume();
        foreach (List<KernelLogRecord> records in _records.Values)
        {
            records.RemoveRange(0, Math.Max(0, records.FindLastIndex(record => Counts(record, containers))));
        }

        _log!.Compact([
            Numbers(_reservedNumbers),
            .. _roots.Where(root => containers.ContainsKey(root.Key)).Select(root => root.Value.ToRecord(root.Key)),
            .. _lines.Where(line => containers.ContainsKey(line.Key) && !_roots.ContainsKey(line.Key))
                .Select(line => Line(line.Key, line.Value)),
            .. _records.Values.SelectMany(records => records),
        ]);
    }

    private Dictionary<ulong, ContainerRecord> ContainersOfVolume() =>
        _volume.Containers.ToDictionary(container => container.Id);
}

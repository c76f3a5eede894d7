using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Disks;
using Runtime.Core.Storage;
using Runtime.Stores.Logs;
using Runtime.Tests.Stores.Disks;

namespace Runtime.Tests.Stores.Logs;

public class KernelLogTests
{
    private static readonly ulong[] s_oneToThree = [1, 2, 3];

    private SimulatedDisk _disk = null!;
    private KernelLog _log = null!;

    [SetUp]
    public void CreateLog()
    {
        _disk = new SimulatedDisk();
        _log = LogUse.Open(_disk);
    }

    [TearDown]
    public void DisposeLog()
    {
        _log.Dispose();
        _disk.Dispose();
    }

    [Test]
    public void Records_come_back_in_the_order_of_appending()
    {
        LogUse.Append(_log, 1, 2, 3);
        _log.Flush();
        LogUse.Append(_log, 4, 5, 6, 7);
        _log.Flush();

        AssertHolds([1, 2, 3, 4, 5, 6, 7]);
        Reopen();
        LogUse.Append(_log, 8);
        _log.Flush();
        AssertHolds([1, 2, 3, 4, 5, 6, 7, 8]);
    }

    [Test]
    public void A_new_log_is_empty_and_what_was_never_flushed_is_gone()
    {
        Assert.That(_log.Records, Is.Empty);
        Assert.That(_log.IsReadOnly, Is.False);
        LogUse.Append(_log, 1);
        Reopen();
        Assert.That(_log.Records, Is.Empty);
    }

    [Test]
    public void A_payload_is_copied_and_may_have_any_length_up_to_the_limit()
    {
        int[] lengths =
        [
            0, 1, LogFormat.Block.Capacity - LogFormat.Record.Size, LogFormat.Block.Capacity, IKernelLog.MaxPayload,
        ];
        KernelLogRecord[] records = [.. lengths.Select((length, i) => LogUse.Record(i + 1, length))];
        foreach (KernelLogRecord record in records)
        {
            byte[] bytes = record.Payload.ToArray();
            _log.Append(record with { Payload = bytes });
            Array.Clear(bytes);
        }

        _log.Flush();
        IReadOnlyList<KernelLogRecord> found = LogUse.Read(_disk.Reopen());
        Assert.That(found.Zip(records).All(pair => LogUse.IsSame(pair.First, pair.Second)));
        Assert.That(found, Has.Count.EqualTo(records.Length));

        KernelLogRecord tooLong = LogUse.Record(1, IKernelLog.MaxPayload + 1);
        Assert.That(() => _log.Append(tooLong), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => _log.Compact([tooLong]), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void A_flush_is_one_flush_of_the_disk_and_one_of_nothing_is_none()
    {
        LogUse.Append(_log, 1);
        _log.Flush();                               // this one also got room
        int calls = _disk.Calls;
        LogUse.Append(_log, 2, 3, 4);
        _log.Flush();
        Assert.That(_disk.Calls - calls, Is.EqualTo(2), "one write, one flush");

        _log.Flush();
        Assert.That(_disk.Calls - calls, Is.EqualTo(2));
    }

    [Test]
    public void A_batch_begins_in_a_fresh_block()
    {
        LogUse.Append(_log, 1);
        _log.Flush();
        byte[] before = Bytes(_disk);
        LogUse.Append(_log, 2);
        _log.Flush();
        byte[] after = Bytes(_disk);

        const int Written = (int)(LogFormat.Header.Blocks + 1) * IDisk.BlockSize;
        Assert.That(after.AsSpan(0, Written).SequenceEqual(before.AsSpan(0, Written)));
    }

    [Test]
    public void A_compaction_leaves_what_it_is_given_and_nothing_else()
    {
        LogUse.Append(_log, 1, 2, 3, 4, 5);
        _log.Flush();
        LogUse.Append(_log, 6);
        _log.Compact(LogUse.Records([2, 4, 7]));
        AssertHolds([2, 4, 7]);
        LogUse.Append(_log, 8);
        _log.Flush();
        AssertHolds([2, 4, 7, 8]);

        _log.Compact([]);
        AssertHolds([]);
        Assert.That((_log.Blocks, _log.CompactedBlocks), Is.EqualTo((0, 0)));
        LogUse.Append(_log, 9);
        _log.Flush();
        Reopen();
        AssertHolds([9]);
    }

    [Test]
    public void Blocks_are_counted_from_the_newest_compaction_on()
    {
        _log.Append(LogUse.Record(1, 10_000));
        Assert.That((_log.Blocks, _log.CompactedBlocks), Is.EqualTo((3, 0)), "appended, not flushed");
        _log.Flush();
        LogUse.Append(_log, 2);
        _log.Flush();
        Assert.That((_log.Blocks, _log.CompactedBlocks), Is.EqualTo((4, 0)));
        _log.Compact([LogUse.Record(3, 5000)]);
        LogUse.Append(_log, 4);
        _log.Flush();
        Assert.That((_log.Blocks, _log.CompactedBlocks), Is.EqualTo((3, 2)));
        Reopen();
        Assert.That((_log.Blocks, _log.CompactedBlocks), Is.EqualTo((3, 2)));
    }

    [Test]
    public void Room_of_old_logs_is_used_again()
    {
        const int Growth = 32;
        const int Batches = 20;
        for (int round = 0; round < 100; round++)
        {
            for (int batch = 0; batch < Batches; batch++)
            {
                LogUse.Append(_log, 1 + batch);
                _log.Flush();
            }

            _log.Compact(LogUse.Records(Enumerable.Range(1, 10)));
        }

        // The longest log, what is left of it, and the next one of the same length.
        long longest = _log.CompactedBlocks + (Batches * 4);
        Assert.That(_disk.BlockCount, Is.LessThan(LogFormat.Header.Blocks + (2 * longest) + Growth));
    }

    [Test]
    public void Without_room_what_was_appended_waits_and_is_flushed_when_there_is()
    {
        LogUse.Append(_log, 1);
        _log.Flush();
        _disk.Capacity = _disk.BlockCount;
        KernelLogRecord large = LogUse.Record(2, 1 << 20);
        _log.Append(large);
        Assert.That(_log.Flush, Throws.TypeOf<VolumeException>().With.Property("Status").EqualTo(Status.NoResources));
        Assert.That(
            () => _log.Compact([large]),
            Throws.TypeOf<VolumeException>().With.Property("Status").EqualTo(Status.NoResources));
        Assert.That(_log.IsReadOnly, Is.False);
        AssertHolds([1]);

        _log.Append(LogUse.Record(3));
        _disk.Capacity = long.MaxValue;
        _log.Flush();
        IReadOnlyList<KernelLogRecord> found = LogUse.Read(_disk.Reopen());
        Assert.That(found.Select(record => record.Container), Is.EqualTo(s_oneToThree));
        Assert.That(LogUse.IsSame(found[1], large));
    }

    [Test]
    public void A_failed_flush_closes_it_for_writing_for_good([Values] bool compacts)
    {
        LogUse.Append(_log, 1);
        _log.Flush();
        LogUse.Append(_log, 2);
        _disk.FailAtCall(_disk.Calls + 2, Status.IoError);
        Action failing = compacts ? () => _log.Compact(LogUse.Records([2])) : _log.Flush;
        Assert.That(() => failing(), Throws.TypeOf<VolumeException>());

        Assert.That(_log.IsReadOnly);
        foreach (Action refused in (Action[])[() => LogUse.Append(_log, 3), _log.Flush, CompactAll])
        {
            Assert.That(
                () => refused(),
                Throws.TypeOf<VolumeException>().With.Message.Contains("closed for writing after a failed flush"));
        }

        int calls = _disk.Calls;
        _log.Dispose();
        Assert.That(_disk.Calls, Is.EqualTo(calls), "nothing is written any more");
        AssertHolds(compacts ? [1] : [1, 2]);
    }

    [Test]
    public void Opened_for_reading_it_is_not_written()
    {
        LogUse.Append(_log, 1);
        _log.Flush();
        SimulatedDisk disk = _disk.Reopen();
        using KernelLog log = KernelLog.Open(disk, isReadOnly: true)!;
        Assert.That(log.IsReadOnly);
        Assert.That(LogUse.Difference(log.Records, [1]), Is.Null);
        Assert.That(log.Flush, Throws.Nothing);
        KernelLogRecord[] nothing = [];
        foreach (Action refused in (Action[])[() => LogUse.Append(log, 3), () => log.Compact(nothing)])
        {
            Assert.That(
                () => refused(),
                Throws.TypeOf<VolumeException>().With.Property("Status").EqualTo(Status.PermissionDenied));
        }

        log.Dispose();
        Assert.That(disk.Calls, Is.Zero);
        Assert.That(KernelLog.Open(new SimulatedDisk(), isReadOnly: true), Is.Null, "there is none to be read");
    }

    [Test]
    public void Once_disposed_it_refuses_everything()
    {
        _log.Dispose();
        Assert.That(() => LogUse.Append(_log, 1), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(_log.Flush, Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(() => _log.Compact([]), Throws.InstanceOf<ObjectDisposedException>());
    }

    [Test]
    public void Threads_append_and_flush_beside_each_other()
    {
        const int Threads = 4;
        const int Each = 200;
        Thread[] threads = [.. Enumerable.Range(0, Threads).Select(t => new Thread(() => AppendAll(t)))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());

        ILookup<ulong, ulong> found = LogUse.Read(_disk.Reopen())
            .ToLookup(record => record.Container, record => record.Interval);
        ulong[] expected = [.. Enumerable.Range(0, Each).Select(i => (ulong)i)];
        Assert.That(Enumerable.Range(0, Threads).All(t => found[(ulong)t].SequenceEqual(expected)));

        void AppendAll(int thread)
        {
            for (int i = 0; i < Each; i++)
            {
                _log.Append(new KernelLogRecord(1, (ulong)thread, (ulong)i, new byte[i]));
                if (i % 3 == 0 || i == Each - 1)
                {
                    _log.Flush();
                }
            }
        }
    }

    [Test]
    public void A_reader_beside_a_writer_finds_whole_logs_only()
    {
        // Each log is n, n + 1, … and begins with what the compaction left.
        const int Rounds = 150;
        int reads = 0;
        bool isDone = false;
        var writer = new Thread(() =>
        {
            for (int round = 1; round <= Rounds; round++)
            {
                _log.Compact(LogUse.Records([round]));
                for (int i = 1; i <= 3; i++)
                {
                    LogUse.Append(_log, round + i);
                    _log.Flush();
                }
            }

            Volatile.Write(ref isDone, true);
        });
        writer.Start();
        ulong newest = 0;
        while (!Volatile.Read(ref isDone) || reads == 0)
        {
            IReadOnlyList<KernelLogRecord> found;
            try
            {
                found = LogUse.Read(new BorrowedDisk(_disk));
            }
            catch (VolumeException e) when (e.Status == Status.Busy)
            {
                continue;                           // it says that compactions outran it
            }

            int first = found.Count == 0 ? 0 : (int)found[0].Container;
            Assert.That(LogUse.Difference(found, [.. Enumerable.Range(first, found.Count)]), Is.Null);
            Assert.That((ulong)first, Is.GreaterThanOrEqualTo(newest));
            newest = (ulong)first;
            reads++;
        }

        writer.Join();
        TestContext.Out.WriteLine($"{reads} reads beside {Rounds} compactions");
    }

    [Test]
    public void A_log_of_another_format_is_refused_and_left_alone()
    {
        byte[] block = LogHeader.First.Encode();
        block[LogFormat.Header.FormatVersion] = 2;
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(
            block.AsSpan(LogFormat.Header.Checksum),
            Runtime.Stores.Volumes.Crc32C.Compute(block.AsSpan(0, LogFormat.Header.Checksum)));
        _disk.WriteBlocks(new BlockNumber(0), [.. block, .. block]);
        SimulatedDisk disk = _disk.Reopen();
        foreach (bool isReadOnly in (bool[])[false, true])
        {
            Assert.That(
                () => KernelLog.Open(disk, isReadOnly),
                Throws.TypeOf<VolumeException>().With.Property("Status").EqualTo(Status.NotSupported)
                    .And.Message.Contains("format version 2"));
        }

        Assert.That(disk.Calls, Is.Zero);
    }

    [Test]
    public void Where_anything_else_stands_it_is_refused_and_left_alone()
    {
        var disk = new SimulatedDisk();
        disk.WriteBlocks(new BlockNumber(0), [.. "a letter"u8, .. new byte[IDisk.BlockSize - 8]]);
        Assert.That(() => LogUse.Open(disk), Throws.TypeOf<VolumeException>().With.Message.Contains("damaged"));
        Assert.That(disk.Calls, Is.EqualTo(1));
    }

    private void CompactAll() => _log.Compact([]);

    private void Reopen()
    {
        _log.Dispose();
        _disk = _disk.Reopen();
        _log = LogUse.Open(_disk);
    }

    private void AssertHolds(int[] numbers) =>
        Assert.That(LogUse.Difference(LogUse.Read(_disk.Reopen()), numbers), Is.Null);

    private static byte[] Bytes(SimulatedDisk disk)
    {
        var bytes = new byte[disk.BlockCount * IDisk.BlockSize];
        disk.ReadBlocks(new BlockNumber(0), bytes);
        return bytes;
    }

    /// <summary>A disk that somebody else has open, too.</summary>
    private sealed class BorrowedDisk(IDisk disk) : IDisk
    {
        public long BlockCount => disk.BlockCount;

        public bool IsReadOnly => true;

        public void ReadBlocks(BlockNumber first, Span<byte> destination) => disk.ReadBlocks(first, destination);

        public void WriteBlocks(BlockNumber first, ReadOnlySpan<byte> source) =>
            throw new VolumeException(Status.PermissionDenied, "it is borrowed");

        public void Flush()
        {
        }

        public void Dispose()
        {
        }
    }
}

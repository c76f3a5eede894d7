using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Capabilities;
using Runtime.Core.Containers;
using Runtime.Core.Disks;
using Runtime.Tests.Core.Loci;
using Runtime.Tests.Stores.Disks;

namespace Runtime.Tests.Core.Capabilities;

/// <summary>Disks by capabilities (docs/semantics.md, "Disks").</summary>
public class DiskCallTests : LocusFixture
{
    private const int BlockSize = IDisk.BlockSize;

    private TestDisk _disk = null!;
    private SystemCalls _calls = null!;

    [SetUp]
    public void RegisterDisk()
    {
        _disk = new TestDisk();
        Kernel.Options.Disks.Add("tables", () => _disk);
        Kernel.Options.Disks.Add("broken", () => throw new VolumeException(Status.IoError, "no medium"));
        _calls = Kernel.Calls;
    }

    [TearDown]
    public void DisposeDisk() => _disk.Dispose();

    [Test]
    public void What_is_written_is_read()
    {
        Assert.That(_calls.DiskOpen(CapRef.Locus(300), "tables"), Is.EqualTo(Status.Success));
        byte[] blocks = new byte[2 * BlockSize];
        new Random(1).NextBytes(blocks);
        Assert.That(
            _calls.DiskWriteBlocks(CapRef.Locus(300), new BlockNumber(3), blocks), Is.EqualTo(Status.Success));
        Assert.That(_calls.DiskFlush(CapRef.Locus(300)), Is.EqualTo(Status.Success));
        Assert.That(_disk.Flushes, Is.EqualTo(1));
        byte[] found = new byte[2 * BlockSize];
        Assert.That(_calls.DiskReadBlocks(CapRef.Locus(300), new BlockNumber(3), found), Is.EqualTo(Status.Success));
        Assert.That(found, Is.EqualTo(blocks));
    }

    [Test]
    public void The_examples_of_the_document_succeed()
    {
        byte[] block = new byte[BlockSize];
        Assert.Multiple(() =>
        {
            Assert.That(DocumentExamples.OpenDisk(_calls), Is.EqualTo(Status.Success));
            Assert.That(DocumentExamples.WriteBlocks(_calls, block), Is.EqualTo(Status.Success));
            Assert.That(DocumentExamples.ReadBlocks(_calls, block), Is.EqualTo(Status.Success));
            Assert.That(DocumentExamples.FlushDisk(_calls), Is.EqualTo(Status.Success));
            Assert.That(DocumentExamples.CloseDisk(_calls), Is.EqualTo(Status.Success));
        });
    }

    [Test]
    public void Each_error_is_reached()
    {
        using Capability disk = Kernel.GetDiskCapability("tables");
        byte[] block = new byte[BlockSize];
        Assert.Multiple(() =>
        {
            Assert.That(_calls.DiskOpen(CapRef.Locus(300), "nothing"), Is.EqualTo(Status.NotRegistered));
            Assert.That(_calls.DiskOpen(CapRef.Locus(300), "broken"), Is.EqualTo(Status.IoError));
            Assert.That(
                () => Kernel.GetDiskCapability("nothing"),
                Throws.InstanceOf<KernelException>().With.Property("Status").EqualTo(Status.NotRegistered));
            Assert.That(Read(0, new byte[100]), Is.EqualTo(Status.NotAligned));
            Assert.That(Read(0, []), Is.EqualTo(Status.OutOfRange));
            Assert.That(Read(-1, block), Is.EqualTo(Status.OutOfRange));
            Assert.That(Read(7, block), Is.EqualTo(Status.OutOfRange), "beyond the end");
            Assert.That(Write(0, new byte[100]), Is.EqualTo(Status.NotAligned));
            Assert.That(Write(-1, block), Is.EqualTo(Status.OutOfRange));
            _disk.Capacity = 2;
            Assert.That(Write(5, block), Is.EqualTo(Status.NoResources));
            _disk.FailsFlush = true;
            Assert.That(_calls.DiskFlush(disk.Reference), Is.EqualTo(Status.IoError));
        });

        Status Read(long first, byte[] destination) =>
            _calls.DiskReadBlocks(disk.Reference, new BlockNumber(first), destination);
        Status Write(long first, byte[] source) =>
            _calls.DiskWriteBlocks(disk.Reference, new BlockNumber(first), source);
    }

    [Test]
    public void One_disk_for_all_until_it_is_closed()
    {
        using Capability one = Kernel.GetDiskCapability("tables");
        using Capability other = Kernel.GetDiskCapability("tables");
        Assert.That(_calls.DiskClose(one.Reference), Is.EqualTo(Status.Success));
        Assert.That(_disk.IsDisposed);
        Assert.That(other.IsValid, Is.False);
        Assert.That(_calls.DiskFlush(other.Reference), Is.EqualTo(Status.InvalidCapRef));
        Assert.That(_calls.DiskClose(other.Reference), Is.EqualTo(Status.InvalidCapRef));
    }

    [Test]
    public void A_locus_uses_what_it_is_granted_and_opens_nothing()
    {
        using Capability disk = Kernel.GetDiskCapability("tables");
        using Capability reading = disk.Derive(KernelRights.Read);
        Container home = Create("home");
        List<Status> answers = [];
        Run(
            home,
            locus =>
            {
                byte[] block = new byte[BlockSize];
                answers.Add(locus.Calls.DiskWriteBlocks(CapRef.Locus(0), new BlockNumber(0), block));
                answers.Add(locus.Calls.DiskReadBlocks(CapRef.Locus(1), new BlockNumber(0), block));
                answers.Add(locus.Calls.DiskWriteBlocks(CapRef.Locus(1), new BlockNumber(0), block));
                answers.Add(locus.Calls.DiskOpen(CapRef.Locus(2), "tables"));
            },
            disk,
            reading);
        Assert.That(answers, Is.EqualTo(new[]
        {
            Status.Success, Status.Success, Status.PermissionDenied, Status.NotSupported,
        }));
    }

    [Test]
    public void The_end_of_the_kernel_closes_what_is_open()
    {
        using (Kernel.GetDiskCapability("tables"))
        {
            Kernel.Dispose();
        }

        Assert.That(_disk.IsDisposed);
    }

    [Test]
    public void Closing_waits_for_calls_under_way()
    {
        using Capability disk = Kernel.GetDiskCapability("tables");
        using var isIn = new ManualResetEventSlim();
        using var gate = new ManualResetEventSlim();
        _disk.OnFlush = () =>
        {
            isIn.Set();
            gate.Wait();
            Assert.That(_disk.IsDisposed, Is.False);
        };
        Task<Status> flushing = Task.Run(() => _calls.DiskFlush(disk.Reference));
        isIn.Wait();
        Task<Status> closing = Task.Run(() => _calls.DiskClose(disk.Reference));
        Assert.That(closing.Wait(50), Is.False);
        gate.Set();
        Assert.That(flushing.Result, Is.EqualTo(Status.Success));
        Assert.That(closing.Result, Is.EqualTo(Status.Success));
        Assert.That(_disk.IsDisposed);
    }

    private sealed class TestDisk : IDisk
    {
        private readonly ImageDisk _image = new();

        public long BlockCount => _image.BlockCount;

        public bool IsReadOnly => false;

        public long Capacity
        {
            set => _image.Capacity = value;
        }

        public bool FailsFlush { get; set; }

        public Action? OnFlush { get; set; }

        public int Flushes { get; private set; }

        public bool IsDisposed { get; private set; }

        public void ReadBlocks(BlockNumber first, Span<byte> destination)
        {
            if (first.Value >= BlockCount)
            {
                throw new VolumeException(Status.OutOfRange, $"there is no block {first}");
            }

            _image.ReadBlocks(first, destination);
        }

        public void WriteBlocks(BlockNumber first, ReadOnlySpan<byte> source) => _image.WriteBlocks(first, source);

        public void Flush()
        {
            OnFlush?.Invoke();
            if (FailsFlush)
            {
                throw new VolumeException(Status.IoError, "the medium fails");
            }

            Flushes++;
        }

        public void Dispose() => IsDisposed = true;
    }
}

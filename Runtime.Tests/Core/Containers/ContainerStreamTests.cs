using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Snapshots;
using Runtime.Native;
using Runtime.Tests.Support;

namespace Runtime.Tests.Core.Containers;

public class ContainerStreamTests(TrapEngine engine) : VersionedFixture(engine)
{
    [Test]
    public void It_behaves_as_a_stream_in_memory_does([Values(1, 2, 3)] int seed)
    {
        var random = new Random(seed);
        using Container container = Kernel.OpenContainer("a", 0, maximumLength: 1 << 20);
        using ContainerStream stream = container.OpenStream();
        using var model = new MemoryStream();
        var bytes = new byte[20_000];
        for (int i = 0; i < 500; i++)
        {
            int count = random.Next(bytes.Length);
            switch (random.Next(5))
            {
                case 0:
                    random.NextBytes(bytes);
                    stream.Write(bytes, 0, count);
                    model.Write(bytes, 0, count);
                    break;
                case 1:
                    var read = new byte[count];
                    var expected = new byte[count];
                    Assert.That(stream.Read(read), Is.EqualTo(model.Read(expected)), $"seed {seed}, {i}");
                    Assert.That(read, Is.EqualTo(expected), $"seed {seed}, {i}");
                    break;
                case 2:
                    long position = random.NextInt64(500_000);
                    stream.Seek(position, SeekOrigin.Begin);
                    model.Seek(position, SeekOrigin.Begin);
                    break;
                case 3:
                    long length = random.NextInt64(600_000);
                    stream.SetLength(length);
                    model.SetLength(length);
                    stream.Position = model.Position;
                    break;
                default:
                    Assert.That(stream.ReadByte(), Is.EqualTo(model.ReadByte()), $"seed {seed}, {i}");
                    break;
            }

            Assert.That(stream.Length, Is.EqualTo(model.Length), $"seed {seed}, {i}");
            Assert.That(stream.Position, Is.EqualTo(model.Position), $"seed {seed}, {i}");
        }
    }

    [Test, Deadline(60)]
    public async Task Asynchronous_copies_go_through_it_both_ways()
    {
        var bytes = new byte[3_000_001];
        new Random(5).NextBytes(bytes);
        using Container container = Kernel.OpenContainer("a", bytes.Length);
        await using (ContainerStream stream = container.OpenStream())
        {
            await new MemoryStream(bytes).CopyToAsync(stream);
        }

        using var copy = new MemoryStream();
        await using ContainerStream reader = container.OpenStream(Access.Read);
        await reader.CopyToAsync(copy);
        Assert.That(copy.ToArray(), Is.EqualTo(bytes));
    }

    [Test]
    public async Task Cancelling_ends_the_wait_for_a_page_and_the_page_comes_all_the_same()
    {
        using Container container = Open();
        await using ContainerStream stream = container.OpenStream();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        Assert.That(
            async () => await stream.ReadAsync(new byte[10], cancelled.Token),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(stream.Position, Is.Zero);
        Assert.That(await stream.ReadAsync(new byte[10]), Is.EqualTo(10));
    }

    [Test]
    public void What_it_may_not_do_it_says()
    {
        Container container = Kernel.OpenContainer("a", 100);
        Snapshot snapshot = container.TakeSnapshot();
        using ContainerStream reader = container.OpenStream(Access.Read);
        Assert.That(reader.CanWrite, Is.False);
        Assert.That(() => reader.WriteByte(1), Throws.TypeOf<NotSupportedException>());
        Assert.That(() => reader.SetLength(1), Throws.TypeOf<NotSupportedException>());
        Assert.That(() => reader.Seek(-1, SeekOrigin.Begin), Throws.TypeOf<IOException>());
        using ContainerStream writer = container.OpenStream();
        Assert.That(writer.Seek(0, SeekOrigin.End), Is.EqualTo(100));
        Assert.That(
            () => writer.Write(new byte[100 << 20]),
            Throws.TypeOf<KernelException>().With.Property("Status").EqualTo(Status.NoResources));
        using Container version = Kernel.OpenVersion("a", snapshot.Interval);
        Assert.That(
            () => version.OpenStream(),
            Throws.TypeOf<KernelException>().With.Property("Status").EqualTo(Status.PermissionDenied));
        reader.Dispose();
        Assert.That(() => reader.ReadByte(), Throws.TypeOf<ObjectDisposedException>());
        container.Dispose();
        Assert.That(() => writer.Seek(0, SeekOrigin.Begin), Throws.Nothing);
        Assert.That(() => writer.ReadByte(), Throws.TypeOf<ObjectDisposedException>());
    }
}

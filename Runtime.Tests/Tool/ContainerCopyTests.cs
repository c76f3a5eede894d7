using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Tool;
using Runtime.Tool.Faults;
using Runtime.Tool.Output;

namespace Runtime.Tests.Tool;

public class ContainerCopyTests
{
    [TestCase(99, "the file became shorter while it was read")]
    [TestCase(101, "the file became longer while it was read")]
    public async Task A_stream_of_another_length_is_refused(int length, string message)
    {
        await using Kernel kernel = await NumberedPagesManager.BootKernelAsync(engine: null, CancellationToken.None);
        await using Container container = kernel.OpenContainer("c", length: 100);
        using var source = new MemoryStream(new byte[length]);
        RefusedException? refusal = await Assert.ThrowsAsync<RefusedException>(() => ContainerCopy.FromStreamAsync(
            source, container.View, ProgressReceiver<long>.Nobody, CancellationToken.None));
        Assert.That(refusal?.Message, Is.EqualTo(message));
    }

    [Test]
    public async Task A_stream_that_gives_a_few_bytes_at_a_time_is_read_to_its_end()
    {
        const int Length = 100_000;
        byte[] bytes = new byte[Length];
        new Random(1).NextBytes(bytes);
        await using Kernel kernel = await NumberedPagesManager.BootKernelAsync(engine: null, CancellationToken.None);
        await using Container container = kernel.OpenContainer("c", Length);
        using var source = new TricklingStream(bytes);
        long last = 0;
        await ContainerCopy.FromStreamAsync(
            source, container.View, new ProgressReceiver<long>(done => last = done), CancellationToken.None);
        using var copy = new MemoryStream();
        await ContainerCopy.ToStreamAsync(
            container.View, copy, ProgressReceiver<long>.Nobody, CancellationToken.None);
        Assert.That(copy.ToArray().AsSpan().SequenceEqual(bytes));
        Assert.That(last, Is.EqualTo(Length));
    }

    private sealed class TricklingStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, 777)], cancellationToken);
    }
}

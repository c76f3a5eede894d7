using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Stores.Managers;

namespace Runtime.Tests.Stores.Managers;

public class CompressingManagerTests : KeepingContract
{
    private protected override string Manager => "compressing";

    [Test]
    public void What_compresses_takes_less_room_on_the_volume_and_what_does_not_takes_no_more()
    {
        long text = BlocksFor("compressing", page => page.Fill((byte)'x'));
        long plain = BlocksFor("snapshotting", page => page.Fill((byte)'x'));
        var random = new Random(1);
        long noise = BlocksFor("compressing", random.NextBytes);
        long plainNoise = BlocksFor("snapshotting", random.NextBytes);
        TestContext.Out.WriteLine(
            $"of 1,024 pages, blocks: alike {text} and {plain}, at random {noise} and {plainNoise}");
        Assert.That(text, Is.LessThan(plain / 8));
        Assert.That(noise, Is.InRange(plainNoise, plainNoise + 16));
    }

    [Test]
    public void A_unit_that_becomes_zeroes_takes_no_room()
    {
        using Kernel kernel = Boot();
        using Container container = Open(kernel);
        long before = Blocks();
        Fill(container, seed: 1);
        container.TakeSnapshot().WaitForDurable();
        long full = Blocks();
        container.View.Fill(0, Length, 0);
        StateInterval zeroes = container.TakeSnapshot().Interval;
        container.WaitForSaves();
        kernel.DiscardVersions(Name, [.. kernel.History(Name).Select(kept => kept.Interval).Where(i => i != zeroes)]);
        container.View.Write(0, 1);
        container.TakeSnapshot().WaitForDurable();
        Assert.That(full - before, Is.GreaterThan(100));
        Assert.That(Blocks() - before, Is.LessThan(30));
    }

    private protected override void Configure(KernelOptions options)
    {
        ConfigureVolume(options);
        options.Managers.Add("compressing", () => new CompressingManager());
    }

    private delegate void Filler(Span<byte> page);

    private long BlocksFor(string manager, Filler fill)
    {
        using Kernel kernel = Boot();
        long before = Blocks();
        byte[] page = new byte[PageNumber.Size];
        using Container container = kernel.OpenContainer(Guid.NewGuid().ToString(), 1024 * PageNumber.Size, manager);
        for (int i = 0; i < 1024; i++)
        {
            fill(page);
            container.View.Write(i * PageNumber.Size, page);
        }

        container.TakeSnapshot().WaitForDurable();
        return Blocks() - before;
    }

    private long Blocks() => OpenedVolume.Statistics.InUse;
}

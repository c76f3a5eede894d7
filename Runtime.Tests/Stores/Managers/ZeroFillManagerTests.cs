using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Stores.Managers;

namespace Runtime.Tests.Stores.Managers;

public class ZeroFillManagerTests : ManagerContract
{
    private protected override bool IsReadOnly => false;

    private protected override bool AllocatesNothing => true;

    [Test]
    public void A_snapshot_is_refused_and_memory_stays()
    {
        using Kernel kernel = Boot();
        Container container = Open(kernel);
        container.View.Write(0, 7L);
        AssertFails(() => container.TakeSnapshot(), Status.NotSupported);
        Assert.That(container.View.Read<long>(0), Is.EqualTo(7));
        container.View.Write(0, 8L);
        Assert.That(container.View.Read<long>(0), Is.EqualTo(8));
        AssertFails(() => kernel.RestoreContainer(Name, new StateInterval(1)), Status.NoSuchInterval);
        AssertFails(() => kernel.CloneContainer(Name, "b"), Status.NotSupported);
        AssertFails(() => kernel.DiscardVersions(Name, [new StateInterval(1)]), Status.NotSupported);
    }

    [Test]
    public void Closing_drops_what_was_written_without_a_complaint()
    {
        using Kernel kernel = Boot();
        Container container = Open(kernel);
        container.View.Fill(0, Length, 1);
        container.Dispose();
        using Container again = Open(kernel);
        AssertPage(again, 0, "again");
        again.View.Write(0, 1);
    }

    [Test]
    public void It_grows_and_shrinks_and_what_was_cut_off_is_zero()
    {
        using Kernel kernel = Boot();
        Container container = Open(kernel);
        container.View.Fill(0, Length, 1);
        container.Resize(5000);
        container.Resize(2 * Length);
        Assert.That(container.View.Read<byte>(4999), Is.EqualTo(1));
        Assert.That(container.View.Read<byte>(5000), Is.Zero);
        Assert.That(container.View.Read<byte>(2 * Length - 1), Is.Zero);
    }

    [Test]
    public void When_all_memory_is_written_a_fault_fails_and_clean_pages_still_go()
    {
        int pages = OperatingSystem.IsWindows() ? 1 << 15 : 512;
        using Kernel kernel = Boot(options => options.MemoryBudget = OperatingSystem.IsWindows() ? 64 << 20 : 1 << 20);
        Container container = kernel.OpenContainer(Name, pages * (long)PageNumber.Size, "zero-fill");
        for (int page = 0; page < pages; page++)
        {
            Assert.That(container.View.Read<byte>(page * (long)PageNumber.Size), Is.Zero);
        }

        int written = 0;
        KernelException failure = AssertFails(
            () =>
            {
                for (; written < pages; written++)
                {
                    container.View.Write(written * (long)PageNumber.Size, written + 1);
                }
            },
            Status.NoResources);
        Assert.That(written, Is.InRange(pages / 8, pages - 1), failure.Message);
        for (int page = 0; page < written; page++)
        {
            Assert.That(container.View.Read<int>(page * (long)PageNumber.Size), Is.EqualTo(page + 1));
        }
    }

    private protected override void Configure(KernelOptions options) =>
        options.Managers.Add("zero-fill", () => new ZeroFillManager());

    private protected override Container Open(Kernel kernel) => kernel.OpenContainer(Name, Length, "zero-fill");
}

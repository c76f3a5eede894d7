using NUnit.Framework;
using OwnManager;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Snapshots;
using Runtime.Stores.Volumes;
using Runtime.Tests.Stores.Managers;

namespace Runtime.Tests.Tool.Samples;

/// <summary>The manager of the sample keeps what the library's managers keep.</summary>
public class OwnManagerTests : ManagerContract
{
    private protected override bool IsReadOnly => false;

    private protected override bool AllocatesNothing => true;

    private string Log => System.IO.Path.Combine(Directory["pages"], "1.log");

    [Test]
    public void What_was_saved_is_there_after_the_next_boot_and_the_rest_is_not()
    {
        StateInterval saved;
        using (Kernel kernel = Boot())
        {
            Container container = Open(kernel);
            container.View.Write(0, 1L);
            container.TakeSnapshot().WaitForDurable();
            container.View.Write(0, 2L);
            container.View.Write(PageNumber.Size, 3L);
            Snapshot snapshot = container.TakeSnapshot();
            snapshot.WaitForDurable();
            saved = snapshot.Interval;
            container.View.Write(0, 4L);
        }

        using Kernel again = Boot();
        Container opened = Open(again);
        Assert.That(opened.View.Read<long>(0), Is.EqualTo(2));
        Assert.That(opened.View.Read<long>(PageNumber.Size), Is.EqualTo(3));
        Assert.That(again.History(Name).Single().Interval, Is.EqualTo(saved));
        Assert.That(again.History(Name).Single().PagesChanged, Is.EqualTo(2));
    }

    /// <summary>As a power cut may leave the file: with any part of what came after the last mark.</summary>
    [Test]
    public void A_log_that_ends_anywhere_begins_with_its_last_mark([Range(0, 9000, 500)] int bytes)
    {
        long whole;
        using (Kernel kernel = Boot())
        {
            Container container = Open(kernel);
            container.View.Write(0, 1L);
            container.TakeSnapshot().WaitForDurable();
            whole = new FileInfo(Log).Length;
            container.View.Write(0, 2L);
            container.View.Write(PageNumber.Size, 2L);
            container.TakeSnapshot().WaitForDurable();
        }

        using (FileStream file = File.OpenWrite(Log))
        {
            long end = Math.Min(whole + bytes, file.Length);
            file.SetLength(end);
        }

        bool isComplete = new FileInfo(Log).Length - whole >= (2 * (64 + PageNumber.Size)) + 64;
        using Kernel again = Boot();
        Container opened = Open(again);
        Assert.That(opened.View.Read<long>(0), Is.EqualTo(isComplete ? 2 : 1));
        Assert.That(opened.View.Read<long>(PageNumber.Size), Is.EqualTo(isComplete ? 2 : 0));
        opened.View.Write(0, 5L);
        opened.TakeSnapshot().WaitForDurable();
        Assert.That(again.History(Name).Single().Interval.Value, Is.EqualTo(isComplete ? 3 : 2));
    }

    private protected override void Configure(KernelOptions options)
    {
        options.OpenVolume = () => Volume.Open(Directory["home"], new VolumeOptions { Create = true });
        options.SnapshotOnDispose = false;
        options.Managers.Add("log", () => new LogManager(Directory["pages"]));
    }

    private protected override Container Open(Kernel kernel) => kernel.Containers.Any(record => record.Name == Name)
        ? kernel.OpenContainer(Name)
        : kernel.OpenContainer(Name, Length, "log");
}

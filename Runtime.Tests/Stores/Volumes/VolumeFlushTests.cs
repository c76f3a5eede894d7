using System.Runtime.InteropServices;
using NUnit.Framework;
using Runtime.Core;
using Runtime.Stores.Volumes;
using Runtime.Tests.Support;
using Runtime.Tests.Support.Linux;

namespace Runtime.Tests.Stores.Volumes;

/// <summary>The system's own flush fails, in a child whose fsync and fdatasync answer EIO.</summary>
public class VolumeFlushTests
{
    // Windows has no way to let FlushFileBuffers of one process fail; the simulated disk shows the rest there.
    [Test, LinuxOnly]
    public void A_flush_that_the_system_fails_is_seen_and_closes_the_volume_for_writing()
    {
        Assume.That(RuntimeInformation.ProcessArchitecture, Is.EqualTo(Architecture.X64), "the filter is for x86-64");
        using var directory = new TemporaryDirectory();
        ChildExit exit = ChildProcess.Run(CommitsUnderFailingFlush, directory.Path);
        Assert.That(exit.Code, Is.Zero, exit.Error);
        Assert.That(exit.Output.Split('\n'), Is.EqualTo([
            "IoError: fdatasync '" + Path.Combine(directory.Path, "data") + "' failed: Input/output error (errno 5)",
            "IoError: the volume is closed for writing after a failed flush: fdatasync '"
                + Path.Combine(directory.Path, "data")
                + "' failed: Input/output error (errno 5)",
            "read-only True, page reads back True",
            string.Empty,
        ]));

        using Volume volume = Volume.Open(directory.Path);
        Assert.That(volume.History(volume.Find("a")!), Has.Count.EqualTo(1));
    }

    [Child]
    private static int CommitsUnderFailingFlush(string[] args)
    {
        if (!OperatingSystem.IsLinux())
        {
            return 1;
        }

        using Volume volume = Volume.Open(args[0], new VolumeOptions { Create = true });
        var driver = new VolumeDriver(volume);
        driver.Create("a", 1 << 20);
        driver.Commit("a", new() { [1] = 1 });
        using VersionMap map = volume.OpenMap(volume.Find("a")!);

        Seccomp.AnswerError(Seccomp.EIO, Seccomp.FsyncX64, Seccomp.FdatasyncX64);
        for (int i = 0; i < 2; i++)
        {
            try
            {
                driver.Commit("a", new() { [1] = 2 });
                Console.WriteLine("the failure was not seen");
            }
            catch (VolumeException e)
            {
                Console.WriteLine($"{e.Status}: {e.Message}");
            }
        }

        var page = new byte[PageNumber.Size];
        bool readsBack = map.ReadPage(new PageNumber(1), page) && page.AsSpan().SequenceEqual(VolumeModel.Page(1));
        Console.WriteLine($"read-only {volume.IsReadOnly}, page reads back {readsBack}");
        return 0;
    }
}

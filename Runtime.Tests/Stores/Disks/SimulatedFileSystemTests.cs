using NUnit.Framework;
using Runtime.Stores.Disks;
using Runtime.Tests.Support;

namespace Runtime.Tests.Stores.Disks;

public class SimulatedFileSystemTests
{
    private const int Seeds = 30;

    private TemporaryDirectory _directory = null!;

    private string Home => _directory["home"];

    private string Data => Path.Combine(Home, "data");

    [SetUp]
    public void CreateDirectory() => _directory = new TemporaryDirectory();

    [TearDown]
    public void DeleteDirectory() => _directory.Dispose();

    [Test]
    public void A_name_outlasts_a_power_cut_for_certain_only_if_it_and_those_above_were_flushed()
    {
        int survivedUnflushed = 0;
        for (int seed = 0; seed < Seeds; seed++)
        {
            foreach (int flushes in (int[])[0, 1, 2])
            {
                SimulatedFileSystem system = WithFile(seed, out IFile file);
                file.Flush();
                if (flushes > 0)
                {
                    system.FlushDirectory(null, Home);
                }

                if (flushes > 1)
                {
                    system.FlushDirectory(null, _directory.Path);
                }

                system.CutPower();
                system.Restart();
                Assert.That(!system.FileExists(Data) || system.DirectoryExists(Home));
                if (flushes == 2)
                {
                    Assert.That(system.FileExists(Data), $"seed {seed}");
                }
                else
                {
                    survivedUnflushed += system.FileExists(Data) ? 1 : 0;
                }
            }
        }

        Assert.That(survivedUnflushed, Is.InRange(1, (2 * Seeds) - 1), "both must have been seen");
    }

    [Test]
    public void Content_outlasts_a_power_cut_for_certain_only_if_it_was_flushed()
    {
        int lost = 0;
        for (int seed = 0; seed < Seeds; seed++)
        {
            SimulatedFileSystem system = WithFile(seed, out IFile file);
            system.FlushDirectory(null, Home);
            system.FlushDirectory(null, _directory.Path);
            file.Write(0, new byte[] { 1, 2, 3 });
            Assert.That(file.Flush(), Is.Zero);
            file.Write(3, new byte[] { 4 });
            system.CutPower();
            Assert.That(() => file.Read(0, new byte[1]), Throws.TypeOf<IOException>());
            system.Restart();

            IFile again = system.OpenFile(null, Data, create: false, isReadOnly: false);
            var bytes = new byte[5];
            int count = again.Read(0, bytes);
            Assert.That(bytes[..3], Is.EqualTo(new byte[] { 1, 2, 3 }), $"seed {seed}");
            lost += count == 3 ? 1 : 0;
        }

        Assert.That(lost, Is.InRange(1, Seeds - 1), "both must have been seen");
    }

    [Test]
    public void What_a_failed_flush_did_not_save_the_next_one_does_not_save_although_it_succeeds()
    {
        int lost = 0;
        for (int seed = 0; seed < Seeds; seed++)
        {
            SimulatedFileSystem system = WithFile(seed, out IFile file);
            system.FlushDirectory(null, Home);
            system.FlushDirectory(null, _directory.Path);
            file.Write(0, new byte[4096]);
            file.Flush();
            file.Write(0, [.. Enumerable.Repeat((byte)1, 4096)]);
            system.FailAtCall(system.Calls.Count + 1, SimulatedError.Medium);
            Assert.That(file.Flush(), Is.EqualTo(SimulatedError.Medium.Number));
            Assert.That(file.Flush(), Is.Zero);
            system.CutPower();
            system.Restart();
            var bytes = new byte[4096];
            system.OpenFile(null, Data, create: false, isReadOnly: false).Read(0, bytes);
            lost += bytes.Contains((byte)0) ? 1 : 0;
        }

        Assert.That(lost, Is.Positive);
    }

    [Test]
    public void A_call_that_was_reported_failed_was_not_done()
    {
        SimulatedFileSystem system = WithFile(seed: 1, out IFile file);
        system.FailAtCall(system.Calls.Count + 1, SimulatedError.Full);
        system.FailAtCall(system.Calls.Count + 2, SimulatedError.ReadOnly);
        system.FailAtCall(system.Calls.Count + 3, SimulatedError.Medium);
        Assert.That(() => file.Write(0, new byte[10]), Throws.TypeOf<IOException>());
        Assert.That(file.Allocate(0, 100), Is.EqualTo(SimulatedError.ReadOnly.Number));
        Assert.That(
            () => system.CreateDirectory(_directory["other"], isOwnerOnly: true),
            Throws.TypeOf<Runtime.Core.VolumeException>().With.Message.Contains(SimulatedError.Medium.Words));

        Assert.That(file.Length, Is.Zero);
        Assert.That(system.DirectoryExists(_directory["other"]), Is.False);
    }

    private SimulatedFileSystem WithFile(int seed, out IFile file)
    {
        var system = new SimulatedFileSystem(_directory.Path, seed);
        system.CreateDirectory(Home, isOwnerOnly: true);
        file = system.OpenFile(null, Data, create: true, isReadOnly: false);
        return system;
    }
}

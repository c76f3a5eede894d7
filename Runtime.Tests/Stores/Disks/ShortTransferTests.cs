using NUnit.Framework;
using Runtime.Core.Disks;
using Runtime.Stores.Disks;
using Runtime.Tests.Support;

namespace Runtime.Tests.Stores.Disks;

/// <summary>A disk in a file whose system takes and gives parts of what is asked for.</summary>
public class ShortTransferTests : DiskContract
{
    private TemporaryDirectory _directory = null!;
    private SimulatedFileSystem _system = null!;

    private string Path => _directory["disk"];

    [OneTimeSetUp]
    public void CreateDirectory() => _directory = new TemporaryDirectory();

    [OneTimeTearDown]
    public void DeleteDirectory() => _directory.Dispose();

    [Test]
    public void What_fails_in_the_middle_of_a_short_write_is_reported_with_its_call_its_file_and_its_number()
    {
        Disk.WriteBlocks(new BlockNumber(0), Blocks(count: 1, seed: 1));
        _system.FailAtCall(_system.Calls.Count + 2, SimulatedError.Full);

        Assert.That(
            () => Disk.WriteBlocks(new BlockNumber(0), Blocks(count: 64, seed: 2)),
            Throws.TypeOf<Runtime.Core.VolumeException>()
                .With.Property("Status").EqualTo(Runtime.Core.Status.NoResources)
                .And.Message.Contains($"write '{Path}' failed").And.Message.Contains(SimulatedError.Full.Words));
    }

    private protected override IDisk Create()
    {
        _system = new SimulatedFileSystem(_directory.Path, seed: 1) { HasShortTransfers = true };
        return Open(create: true);
    }

    private protected override IDisk Reopen()
    {
        _system.CutPower();
        _system.Restart();
        return Open(create: false);
    }

    private FileDisk Open(bool create)
    {
        IFile file = _system.OpenFile(directory: null, Path, create, isReadOnly: false);
        _system.FlushDirectory(directory: null, _directory.Path);
        return new FileDisk(file, Path, isReadOnly: false);
    }
}

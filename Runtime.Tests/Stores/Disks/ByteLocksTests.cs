using Microsoft.Win32.SafeHandles;
using NUnit.Framework;
using Runtime.Stores.Disks;
using Runtime.Tests.Support;

namespace Runtime.Tests.Stores.Disks;

public class ByteLocksTests
{
    private const long Far = 1L << 30;

    private TemporaryDirectory _directory = null!;

    private string File => _directory["file"];

    [SetUp]
    public void CreateDirectory() => _directory = new TemporaryDirectory();

    [TearDown]
    public void DeleteDirectory() => _directory.Dispose();

    [Test]
    public void A_byte_has_one_owner_and_no_other_byte_with_it()
    {
        using SafeFileHandle one = Open();
        using SafeFileHandle other = Open();
        Assert.That(ByteLocks.TryLock(one, File, Far + 3));

        Assert.That(ByteLocks.TryLock(other, File, Far + 3), Is.False);
        Assert.That(ByteLocks.TryLock(other, File, Far + 4));
    }

    [Test]
    public void Whoever_asks_sees_the_locks_of_others_where_they_are()
    {
        using SafeFileHandle one = Open();
        using SafeFileHandle other = Open();
        Assert.That(ByteLocks.IsAnyLocked(other, File, Far, count: 64), Is.False);

        ByteLocks.TryLock(one, File, Far + 63);
        Assert.That(ByteLocks.IsAnyLocked(other, File, Far, count: 64));
        Assert.That(ByteLocks.IsAnyLocked(other, File, Far, count: 63), Is.False);
        Assert.That(ByteLocks.IsAnyLocked(other, File, Far + 63, count: 1));
        Assert.That(ByteLocks.TryLock(one, File, Far), "asking leaves nothing locked");
    }

    [Test]
    public void Closing_the_handle_ends_its_locks_and_closing_another_one_does_not()
    {
        using SafeFileHandle one = Open();
        using SafeFileHandle asking = Open();
        ByteLocks.TryLock(one, File, Far);
        Open().Dispose();
        Assert.That(ByteLocks.IsAnyLocked(asking, File, Far, count: 1), "as locks of POSIX would be");

        one.Dispose();
        Assert.That(ByteLocks.IsAnyLocked(asking, File, Far, count: 1), Is.False);
    }

    private SafeFileHandle Open() => DiskFile.Open(File, create: true, isReadOnly: false);
}

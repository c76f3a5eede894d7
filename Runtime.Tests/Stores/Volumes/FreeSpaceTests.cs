using NUnit.Framework;
using Runtime.Stores.Volumes;

namespace Runtime.Tests.Stores.Volumes;

public class FreeSpaceTests
{
    [Test]
    public void What_a_commit_frees_is_handed_out_again_only_after_the_next_commit()
    {
        var space = new FreeSpace(new BlockSet(), start: 4, end: 4);
        Assert.That(space.Allocate(), Is.EqualTo(4));
        space.Commit(freed: [], isPinned: false);

        space.Commit(freed: [4], isPinned: false);
        Assert.That(space.Allocate(), Is.EqualTo(5));
        space.Commit(freed: [], isPinned: false);

        Assert.That(space.Allocate(), Is.EqualTo(4));
    }

    [Test]
    public void A_reader_of_an_older_commit_keeps_its_blocks()
    {
        var space = new FreeSpace(new BlockSet(), start: 4, end: 4);
        Assert.That(space.Allocate(), Is.EqualTo(4));
        space.Commit(freed: [4], isPinned: false);
        space.Commit(freed: [], isPinned: true);

        Assert.That(space.Allocate(), Is.EqualTo(5));
    }

    [Test]
    public void A_commit_that_did_not_come_to_be_gives_back_what_it_took()
    {
        var space = new FreeSpace([4, 6], start: 4, end: 7);
        Assert.That(space.Allocate(), Is.EqualTo(5));
        Assert.That(space.Allocate(), Is.EqualTo(7));
        Assert.That(space.Allocate(), Is.EqualTo(8));
        space.Rollback();

        Assert.That(space.End, Is.EqualTo(7));
        Assert.That(space.Allocate(), Is.EqualTo(5));
        Assert.That(space.Allocate(), Is.EqualTo(7));
    }
}

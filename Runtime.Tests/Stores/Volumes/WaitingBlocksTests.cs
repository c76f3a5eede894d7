using NUnit.Framework;
using Runtime.Stores.Volumes;

namespace Runtime.Tests.Stores.Volumes;

public class WaitingBlocksTests
{
    private static readonly long[] s_read = [100, 2000, 3000];

    private WaitingBlocks _waiting = null!;

    [SetUp]
    public void CreateBlocks() => _waiting = new WaitingBlocks();

    [Test]
    public void What_a_commit_freed_goes_when_the_next_one_is_durable()
    {
        _waiting.Add(5, [50]);
        Assert.That(Take(5), Is.Empty);
        Assert.That(Take(6), Is.EqualTo([50L]));
        Assert.That(_waiting.Count, Is.Zero);
    }

    [Test]
    public void A_reader_keeps_what_was_freed_after_its_commit_and_nothing_else()
    {
        _waiting.Add(5, [50]);
        _waiting.Add(6, [60]);
        _waiting.Add(7, [70]);

        Assert.That(Take(8, 5, 6), Is.EqualTo([50L]), "of commit 5, the reader of 5 needs nothing");
        Assert.That(Take(9, 6), Is.EqualTo([60L]));
        Assert.That(Take(10), Is.EqualTo([70L]));
    }

    [Test]
    public void A_reader_that_does_not_say_what_it_reads_keeps_all()
    {
        _waiting.Add(5, [50]);
        Assert.That(Take(9, LiveReader.AnyCommit), Is.Empty);
        Assert.That(_waiting.Count, Is.EqualTo(1));
    }

    [Test]
    public void Thousands_of_commits_under_a_few_readers_are_a_few_sets()
    {
        for (int commit = 1; commit <= 5000; commit++)
        {
            _waiting.Add(commit, [commit]);
            _waiting.Take(commit, [.. s_read.Where(read => read < commit)]);
        }

        Assert.That(_waiting.Batches, Is.LessThanOrEqualTo(5));
        Assert.That(_waiting.Count, Is.EqualTo(4900));
        Assert.That(Take(5000, 2000, 3000), Is.EqualTo(Enumerable.Range(101, 1900)));
        Assert.That(Take(5000, 3000), Is.EqualTo(Enumerable.Range(2001, 1000)));
        Assert.That(Take(5001), Is.EqualTo(Enumerable.Range(3001, 2000)));
    }

    private IEnumerable<long> Take(long newest, params long[] readers) =>
        _waiting.Take(newest, readers).SelectMany(blocks => blocks).Order();
}

using NUnit.Framework;
using Runtime.Native;
using Runtime.Native.Linux;
using Runtime.Tests.Support;

namespace Runtime.Tests.Native.Memory.Linux;

/// <summary>The notes of a window's grants that change without a lock.</summary>
[LinuxOnly]
public sealed class GrantClaimsTests
{
    private const long Pages = 3 * GrantClaims.PagesPerLeaf;

    private GrantClaims _grants = null!;

    [SetUp]
    public void Create() => _grants = new GrantClaims(Pages);

    [TearDown]
    public void Free() => _grants.Free();

    [Test]
    public void Nothing_is_granted_in_the_beginning()
    {
        Assert.That(_grants.NextEverGranted(0, Pages), Is.EqualTo(Pages));
        Assert.That(Take(7, Pages, out long count), Is.EqualTo(PageAccess.None));
        Assert.That(count, Is.EqualTo(GrantClaims.PagesPerLeaf - 7), "a claim ends with its leaf");
    }

    [Test]
    public void A_claim_ends_where_the_access_changes()
    {
        Set(10, 100, PageAccess.Read);
        Set(50, 1, PageAccess.ReadWrite);
        Assert.That((Take(0, Pages, out long before), before), Is.EqualTo((PageAccess.None, 10L)));
        Assert.That((Take(10, Pages, out long first), first), Is.EqualTo((PageAccess.Read, 40L)));
        Assert.That((Take(50, Pages, out long one), one), Is.EqualTo((PageAccess.ReadWrite, 1L)));
        Assert.That((Take(51, Pages, out long rest), rest), Is.EqualTo((PageAccess.Read, 59L)));
        Assert.That((Take(51, 60, out long part), part), Is.EqualTo((PageAccess.Read, 9L)), "and where it is told to");
    }

    [Test]
    public void Only_leaves_that_were_used_are_looked_at()
    {
        Set(2 * GrantClaims.PagesPerLeaf + 5, 1, PageAccess.Read);
        Assert.That(_grants.NextEverGranted(3, Pages), Is.EqualTo(2 * GrantClaims.PagesPerLeaf));
        Assert.That(_grants.NextEverGranted(3, 100), Is.EqualTo(100));
    }

    [Test]
    public void A_claimed_page_ends_another_claim_and_is_waited_for()
    {
        Assert.That(_grants.Claim(5, 6, out _), Is.EqualTo(PageAccess.None));
        Assert.That((Take(0, Pages, out long count), count), Is.EqualTo((PageAccess.None, 5L)));
        var waiting = Task.Run(() => Take(5, 6, out _));
        Assert.That(waiting.Wait(50), Is.False);
        _grants.Release(5, 1, PageAccess.ReadWrite);
        Assert.That(waiting.Result, Is.EqualTo(PageAccess.ReadWrite));
    }

    [Test]
    public void Random_changes_are_those_of_an_array()
    {
        var random = new Random(3);
        var model = new PageAccess[Pages];
        for (int i = 0; i < 5000; i++)
        {
            int first = random.Next((int)Pages);
            int length = Math.Min(random.Next(1, 200), (int)Pages - first);
            var access = (PageAccess)random.Next(3);
            Set(first, length, access);
            Array.Fill(model, access, first, length);
        }

        for (long page = 0; page < Pages;)
        {
            PageAccess access = Take(page, Pages, out long count);
            Assert.That(model.AsSpan((int)page, (int)count).IndexOfAnyExcept(access), Is.EqualTo(-1));
            page += count;
            Assert.That(page == Pages || page % GrantClaims.PagesPerLeaf == 0 || model[page] != access, Is.True);
        }
    }

    [Test]
    public void Threads_that_claim_overlapping_ranges_never_hold_a_page_together()
    {
        int[] holders = new int[300];
        int clashes = 0;
        Team.Run(4, index =>
        {
            var random = new Random(index);
            for (int i = 0; i < 5000; i++)
            {
                long page = random.Next(holders.Length);
                PageAccess access = _grants.Claim(page, holders.Length, out long count);
                for (long held = page; held < page + count; held++)
                {
                    clashes += Interlocked.Increment(ref holders[held]) == 1 ? 0 : 1;
                }

                for (long held = page; held < page + count; held++)
                {
                    Interlocked.Decrement(ref holders[held]);
                }

                long half = (count + 1) / 2;
                _grants.Release(page, half, (PageAccess)random.Next(3));
                _grants.Release(page + half, count - half, access);
            }
        });
        Assert.That(clashes, Is.Zero);
    }

    private void Set(long page, long pageCount, PageAccess access)
    {
        for (long end = page + pageCount; page < end;)
        {
            _grants.Claim(page, end, out long count);
            _grants.Release(page, count, access);
            page += count;
        }
    }

    private PageAccess Take(long page, long end, out long count)
    {
        PageAccess access = _grants.Claim(page, end, out count);
        _grants.Release(page, count, access);
        return access;
    }
}

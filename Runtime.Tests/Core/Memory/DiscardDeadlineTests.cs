using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Native;
using Runtime.Tests.Support;

namespace Runtime.Tests.Core.Memory;

/// <summary>A manager that does not give pages, in whatever way, keeps nobody else from getting some.</summary>
public class DiscardDeadlineTests(TrapEngine engine) : MemoryPressureFixture(engine)
{
    [Test, Deadline(60)]
    public void While_a_manager_hangs_faults_of_others_take_its_clean_pages()
    {
        using var mayGoOn = new ManualResetEventSlim();
        Large.OnDiscard = (in _) => mayGoOn.Wait();
        using Container large = Open("large", BudgetUnits);
        using Container small = Open("small", 4 * BudgetUnits);
        Read(large, 0, BudgetUnits - 1);

        Parallel.For(0, 4, thread => Read(small, thread * BudgetUnits, BudgetUnits));
        Assert.That(Small.Faults, Is.GreaterThanOrEqualTo(4 * BudgetUnits));
        Assert.That(Large.Discards, Is.EqualTo(1), "it is not asked again before it has answered");
        Assert.That(Kernel.Statistics.OverdueDiscards, Is.Positive, "on a busy machine others may be late, too");
        Assert.That(Kernel.Statistics.ForcedPages, Is.Positive);
        Assert.That(large.Statistics.Forced, Is.Positive);
        Assert.That(Kernel.Statistics.MemoryInUse, Is.LessThanOrEqualTo(Kernel.Statistics.MemoryBudget));
        Large.OnDiscard = null;
        mayGoOn.Set();
        while (Large.Discards == 1)
        {
            Read(large, 0, BudgetUnits);                            // it is asked again once it has answered
            Read(small, 0, BudgetUnits);
        }
    }

    [Test, Deadline(60)]
    public void A_fault_of_its_own_that_waits_for_a_manager_lets_others_pass()
    {
        using var isAsked = new ManualResetEventSlim();
        using var mayGoOn = new ManualResetEventSlim();
        Large.OnDiscard = (in _) =>
        {
            isAsked.Set();
            mayGoOn.Wait();
        };
        using Container large = Open("large", 2 * BudgetUnits);
        using Container small = Open("small", 2 * BudgetUnits);
        var stuck = new Thread(() => Read(large, 0, 2 * BudgetUnits));
        stuck.Start();
        isAsked.Wait();
        try
        {
            Read(small, 0, 2 * BudgetUnits);
            Assert.That(Small.Faults, Is.GreaterThanOrEqualTo(2 * BudgetUnits));
            Assert.That(Kernel.Statistics.OverdueDiscards, Is.Positive, "on a busy machine others may be late, too");
        }
        finally
        {
            Large.OnDiscard = null;
            mayGoOn.Set();
            stuck.Join();
        }

        AssertWithinBudget();
    }

    [Test, Deadline(60)]
    public void A_manager_that_hangs_with_claimed_pages_keeps_only_these()
    {
        using var mayGoOn = new ManualResetEventSlim();
        Large.OnDiscard = (in request) =>
        {
            if (request.TryNext())
            {
                mayGoOn.Wait();
                request.Discard();                                  // late, and yet valid
            }
        };
        using Container large = Open("large", BudgetUnits);
        using Container small = Open("small", 4 * BudgetUnits);
        Read(large, 0, BudgetUnits - 1);
        Read(small, 0, 4 * BudgetUnits);
        Assert.That(Kernel.Statistics.OverdueDiscards, Is.Positive, "on a busy machine others may be late, too");
        Large.OnDiscard = null;
        mayGoOn.Set();
        Read(large, 0, BudgetUnits);                                // waits for those that were claimed
        AssertWithinBudget();
    }

    [Test, Deadline(60)]
    public void One_that_answers_with_anything_odd_loses_clean_pages(
        [Values("a disk's error", "nothing", "claims", "unmarked", "foreign")] string how)
    {
        Large.OnDiscard = (in request) =>
        {
            switch (how)
            {
                case "a disk's error":
                    request.TryNext();
                    throw new VolumeException(Status.IoError, "pwrite failed");
                case "claims":
                    while (request.TryNext())                       // and never gives
                    {
                    }

                    break;
                case "unmarked":
                    while (request.TryNext())
                    {
                        for (int i = 0; i < request.Count; i++)
                        {
                            request.MarkSaved(i);                   // says so, and keeps the pages where they are
                        }
                    }

                    break;
                case "foreign":
                    request.TryChoose(new Token(4711), new PageNumber(1), 5);
                    request.TryChoose(new Token(1), new PageNumber(ulong.MaxValue), 5);
                    request.TryChoose(new Token(1), new PageNumber(0), int.MinValue);
                    request.Discard();
                    break;
                default:
                    break;
            }
        };
        using Container large = Open("large", 2 * BudgetUnits);
        using Container small = Open("small", 2 * BudgetUnits);
        Write(large, 0, BudgetUnits / 4, value: 1);
        Read(large, BudgetUnits / 4, 2 * BudgetUnits - (BudgetUnits / 4));
        Read(small, 0, 2 * BudgetUnits);

        AssertHolds(large, 0, BudgetUnits / 4, value: 1);
        Assert.That(Kernel.Statistics.ForcedPages, Is.Positive);
        Assert.That(Kernel.Statistics.OverdueDiscards, Is.Zero, "it does answer");
        Assert.That(large.Quarantine, Is.Null);
        AssertWithinBudget();
    }

    [Test, Deadline(60)]
    public void One_that_throws_is_not_asked_any_more_and_nothing_in_memory_is_lost()
    {
        var odd = new InvalidOperationException("no");
        Large.OnDiscard = (in request) =>
        {
            request.TryNext();
            throw odd;
        };
        using Container large = Open("large", 2 * BudgetUnits);
        using Container small = Open("small", 2 * BudgetUnits);
        Write(large, 0, BudgetUnits / 4, value: 1);
        Read(small, 0, 2 * BudgetUnits);
        for (long unit = BudgetUnits / 4; large.Quarantine is null && unit < 2 * BudgetUnits; unit++)
        {
            Read(large, unit, 1);
        }

        Assert.That(large.Quarantine?.InnerException, Is.SameAs(odd));
        Assert.That(large.Quarantine!.Message, Does.Contain("PageDiscard"));
        Assert.That(small.Quarantine, Is.Null, "it is another manager's");
        long asked = Large.Discards;
        Read(small, 0, 2 * BudgetUnits);
        AssertHolds(large, 0, BudgetUnits / 4, value: 1);
        Write(large, 0, BudgetUnits / 4, value: 2);
        AssertHolds(large, 0, BudgetUnits / 4, value: 2);
        Assert.That(
            () => Read(large, (2 * BudgetUnits) - 1, 1),
            Throws.TypeOf<ContainerFaultException>().With.Property("Status").EqualTo(Status.ManagerFailed));
        Assert.That(
            () => large.TakeSnapshot(),
            Throws.TypeOf<KernelException>().With.Property("Status").EqualTo(Status.ManagerFailed));
        Assert.That(Large.Discards, Is.EqualTo(asked));
        AssertWithinBudget();
    }

    [Test, Deadline(60)]
    public void A_manager_that_touches_pages_while_it_is_asked_does_not_wait_for_itself()
    {
        using Container large = Open("large", 2 * BudgetUnits);
        using Container small = Open("small", 2 * BudgetUnits);
        using Container table = Open("large", 4, "table");        // less than it gives
        int next = 0;
        Large.OnDiscard = (in request) =>
        {
            table.View.Read<long>(next++ % 4 * Stride);
            while (request.TryNext())
            {
                request.Discard();
            }
        };
        Read(large, 0, 2 * BudgetUnits);
        Read(small, 0, 2 * BudgetUnits);
        Read(large, 0, 2 * BudgetUnits);
        Assert.That(next, Is.Positive);
        Assert.That(Kernel.Statistics.OverdueDiscards, Is.Zero);
    }

    [Test]
    public void A_limit_that_makes_no_sense_is_refused([Values(0, -1)] int milliseconds)
    {
        var options = new KernelOptions
        {
            OpenVolume = () => throw new InvalidOperationException(),
            PageDiscardLimit = TimeSpan.FromMilliseconds(milliseconds),
        };
        Assert.That(() => Kernel.Boot(options), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    private void AssertWithinBudget() =>
        Assert.That(Kernel.Statistics.MemoryInUse, Is.LessThanOrEqualTo(Kernel.Statistics.MemoryBudget * 105 / 100));
}

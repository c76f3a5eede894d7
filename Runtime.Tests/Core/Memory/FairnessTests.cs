using NUnit.Framework;
using Runtime.Core.Containers;
using Runtime.Native;
using Runtime.Tests.Support;

namespace Runtime.Tests.Core.Memory;

/// <summary>Who has little and uses it keeps it, however much others bring in.</summary>
public class FairnessTests(TrapEngine engine) : MemoryPressureFixture(engine)
{
    [Test, Deadline(120)]
    public void A_small_manager_keeps_pages_in_use_while_a_large_one_streams([Values(16, 3)] int part)
    {
        using Container small = Open("small", BudgetUnits / part);
        using Container large = Open("large", 20 * BudgetUnits);
        for (long unit = 0; unit < large.Length / Stride; unit++)
        {
            large.View.Read<long>(unit * Stride);
            if (unit % (BudgetUnits / 32) == 0)
            {
                Read(small, 0, BudgetUnits / part);
            }
        }

        Assert.That(Large.Faults, Is.GreaterThanOrEqualTo(20 * BudgetUnits), "there was pressure");
        Assert.That(
            Small.Faults,
            Is.LessThanOrEqualTo(2 * BudgetUnits / part),
            "its pages have come once, and hardly any of them again");
    }

    [Test, Deadline(120)]
    public void A_small_manager_keeps_its_share_even_of_pages_that_nobody_uses()
    {
        using Container small = Open("small", BudgetUnits / 16);
        using Container large = Open("large", 8 * BudgetUnits);
        Read(small, 0, BudgetUnits / 16);
        Read(large, 0, 8 * BudgetUnits);
        Read(small, 0, BudgetUnits / 16);

        Assert.That(Small.Discards, Is.Zero, "it was not asked");
        Assert.That(Small.Faults, Is.EqualTo(BudgetUnits / 16));
    }

    [Test, Deadline(120)]
    public void What_is_idle_beyond_the_share_gives_way()
    {
        using Container idle = Open("small", BudgetUnits / 2);
        using Container large = Open("large", 8 * BudgetUnits);
        Read(idle, 0, BudgetUnits / 2);
        Read(large, 0, 8 * BudgetUnits);

        Assert.That(
            idle.Statistics.ResidentPages,
            Is.LessThanOrEqualTo(BudgetUnits * 3 / 16),
            "not much more than an eighth of the budget, which is its share");
    }

    [Test, Deadline(120)]
    public void If_nothing_else_can_leave_the_shares_of_others_do()
    {
        using Container small = Open("small", BudgetUnits / 16);
        using Container large = Open("large", 2 * BudgetUnits);
        Read(small, 0, BudgetUnits / 16);
        long pinned = BudgetUnits - (BudgetUnits / 16);
        var leases = new List<Lease>();
        for (long unit = 0; unit < pinned; unit++)
        {
            leases.Add(large.View.Lease(unit * Stride, sizeof(long), Runtime.Core.Access.Read));
        }

        Read(large, pinned, BudgetUnits / 16);
        Assert.That(small.Statistics.ResidentPages, Is.LessThan(BudgetUnits / 16));
        leases.ForEach(lease => lease.Dispose());
    }
}

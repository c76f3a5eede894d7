using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Native;

namespace Runtime.Tests.Core.Containers;

/// <summary>What the system's limit of mappings does to those of containers.</summary>
public class MappingLimitTests(TrapEngine engine) : VersionedFixture(engine)
{
    private const int Unit = ContainerMapping.Granularity;
    private const int PageSize = PageNumber.Size;

    private long _limit;

    [SetUp]
    public void Remember_the_limit() => _limit = MappingBudget.Limit;

    [TearDown]
    public void Restore_the_limit() => MappingBudget.Limit = _limit;

    [Test]
    public void A_mapping_for_which_the_system_has_none_left_changes_nothing()
    {
        using Container source = Open("source");
        using Container host = Open("host");
        host.View.Write(Unit, 1L);
        source.View.Write(0, 2L);
        MappingBudget.Limit = 0;
        Assert.That(
            () => host.Map(Unit, source, 0, Unit, Access.Write),
            Throws.TypeOf<KernelException>().With.Property("Status").EqualTo(Status.NoResources));
        MappingBudget.Limit = _limit;
        Assert.That(host.Mappings, Is.Empty);
        Assert.That(host.View.Read<long>(Unit), Is.EqualTo(1));
        host.Map(Unit, source, 0, Unit, Access.Write);
        Assert.That(host.View.Read<long>(Unit), Is.EqualTo(2));
    }

    [Test]
    public void What_fails_in_one_window_is_undone_in_the_others()
    {
        using Container source = Open("source");
        using Container host = Open("host");
        using ContainerWindow window = host.OpenWindow();
        using Container top = Open("top");
        top.Map(0, host, 0, 4 * Unit, Access.Write);
        long before = MappingBudget.Used;
        for (int room = 0; room < 6; room++)                        // two for each of three windows are needed
        {
            MappingBudget.Limit = before + room;
            Assert.That(
                () => host.Map(Unit, source, 0, Unit, Access.Write),
                Throws.TypeOf<KernelException>().With.Property("Status").EqualTo(Status.NoResources));
            Assert.That((host.Mappings.Count, MappingBudget.Used), Is.EqualTo((0, before)), $"room for {room}");
        }

        MappingBudget.Limit = before + 6;
        host.Map(Unit, source, 0, Unit, Access.Write);
        host.Unmap(Unit, Unit);
        Assert.That(MappingBudget.Used, Is.EqualTo(before));
        MappingBudget.Limit = _limit;
        ContainerView[] views = [host.View, window.View, top.View];
        for (int i = 0; i < views.Length; i++)
        {
            views[i].Write(Unit + (8 * i), 1L + i);
        }

        Assert.That(
            views.Select(view => (view.Read<long>(Unit), view.Read<long>(Unit + 8), view.Read<long>(Unit + 16))),
            Is.All.EqualTo((1L, 2L, 3L)));
        Assert.That(source.View.Read<long>(0), Is.Zero);
    }

    [Test]
    public void Isolated_grants_through_mappings_are_withdrawn_when_the_limit_nears()
    {
        const int Pages = 1024;
        using Container source = Open("source", Pages);
        using Container host = Open("host", Pages);
        host.Map(0, source, 0, Pages * PageSize, Access.Write);
        source.View.Fill(0, Pages * PageSize, 0);                   // on Windows the chunks, which count too, are there
        source.TakeSnapshot().WaitForDurable();
        MappingBudget.Limit = MappingBudget.Used + 200;
        for (int page = 0; page < Pages; page += 2)
        {
            host.View.Write(page * PageSize, (long)page);
            Assert.That(MappingBudget.Used, Is.LessThanOrEqualTo(MappingBudget.Limit));
        }

        for (int page = 0; page < Pages; page += 2)
        {
            Assert.That(host.View.Read<long>(page * PageSize), Is.EqualTo(page));
            Assert.That(source.View.Read<long>(page * PageSize), Is.EqualTo(page));
        }
    }
}

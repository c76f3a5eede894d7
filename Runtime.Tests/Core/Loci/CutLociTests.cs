using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Capabilities;
using Runtime.Core.Containers;
using Runtime.Core.Loci;
using Runtime.Core.Snapshots;

namespace Runtime.Tests.Core.Loci;

/// <summary>Cuts and closes between the steps of loci.</summary>
public class CutLociTests : LocusFixture
{
    private static readonly TimeSpan s_long = TimeSpan.FromSeconds(20);

    [Test]
    public void A_cut_waits_for_a_locus_inside_a_step()
    {
        using Container home = Create("home");
        using var inside = new ManualResetEventSlim();
        using var may = new ManualResetEventSlim();
        bool hasWritten = false;
        Locus locus = At(home, locus =>
        {
            locus.View.Write(0, 1L);
            inside.Set();
            may.Wait();
            locus.View.Write(8192, 1L);
            hasWritten = true;
            return locus.Return();
        });
        locus.Resume();
        Assert.That(inside.Wait(s_long));
        bool hadWritten = false;
        Manager.OnSnapshot = _ =>
        {
            hadWritten = hasWritten;
            return Status.Success;
        };

        Task<Snapshot> cut = home.SnapshotAsync();
        Assert.That(SpinWait.SpinUntil(() => home.Entity!.Turns.IsClosed, s_long));
        Assert.That(cut.IsCompleted, Is.False);
        may.Set();

        Assert.That(cut.Wait(s_long));
        Assert.That(hadWritten);
    }

    [Test]
    public void A_cut_gives_up_on_a_step_that_does_not_end_and_the_loci_go_on()
    {
        Kernel.Options.LeaseLimit = TimeSpan.FromMilliseconds(50);
        using Container home = Create("home");
        using var inside = new ManualResetEventSlim();
        using var may = new ManualResetEventSlim();
        Locus locus = At(home, locus =>
        {
            inside.Set();
            may.Wait();
            return locus.Return();
        });
        Locus other = At(home, locus => locus.Return());
        locus.Resume();
        Assert.That(inside.Wait(s_long));

        Assert.That(StatusOf(() => home.TakeSnapshot()), Is.EqualTo(Status.Busy));

        other.Resume();
        Assert.That(other.Completion.Wait(s_long), "it may enter again");
        may.Set();
        locus.Completion.Wait(s_long);
        Kernel.Options.LeaseLimit = TimeSpan.FromSeconds(10);
    }

    [Test]
    public void Inside_a_step_the_own_host_is_not_cut_and_another_is([Values] bool isStep)
    {
        using Container home = Create("home");
        using Container other = Create("other");
        var statuses = new List<Status>();
        void Cut()
        {
            statuses.Add(StatusOf(() => home.TakeSnapshot()));
            statuses.Add(StatusOf(() => Kernel.TakeSnapshot([other, home])));
            statuses.Add(StatusOf(home.Dispose));
            other.TakeSnapshot();
        }

        Locus locus = isStep
            ? At(home, locus =>
            {
                Cut();
                return locus.Return();
            })
            : AtDirect(home, _ => Cut());
        locus.Resume();
        locus.Completion.WaitAsync(s_long).GetAwaiter().GetResult();

        Assert.That(statuses, Is.EqualTo(Enumerable.Repeat(Status.NotAtBoundary, 3)));
        Assert.That(() => home.TakeSnapshot(), Throws.Nothing);
        Assert.That(() => Kernel.TakeSnapshot([other, home]), Throws.Nothing);
    }

    [TestCase(KernelRights.All, Status.Success, 1)]
    [TestCase(KernelRights.Snapshot, Status.Success, 1)]
    [TestCase(KernelRights.All & ~KernelRights.Snapshot, Status.PermissionDenied, 0)]
    public void Between_two_steps_the_own_host_is_cut_with_the_right_to(
        KernelRights rights, Status expected, int cuts)
    {
        using Container home = Create("home");
        int made = 0;
        Manager.OnSnapshot = _ =>
        {
            made++;
            return Status.Success;
        };
        Locus locus = At(home, locus =>
        {
            if (locus.ResumePoint == 0)
            {
                locus.View.Write(0, 5L);
                return locus.Snapshot(CapRef.Locus(0), at: 1);
            }

            return locus.Return(Bytes((long)locus.Status));
        });
        using (Capability itself = home.GetCapability())
        {
            locus.Grant(0, itself.Derive(rights));
        }

        locus.Resume();

        Assert.That((Status)Value(locus.Completion.WaitAsync(s_long).GetAwaiter().GetResult()), Is.EqualTo(expected));
        Assert.That(made, Is.EqualTo(cuts));
    }

    [Test]
    public void A_step_that_asks_to_cut_what_is_no_container_is_told()
    {
        using Container home = Create("home");
        Locus target = At(home, locus => locus.Return());
        Locus locus = At(home, locus => locus.ResumePoint switch
        {
            0 => locus.Snapshot(CapRef.Locus(0), at: 1),
            1 when locus.Status == Status.WrongEntityType => locus.Snapshot(CapRef.Locus(1), at: 2),
            2 when locus.Status == Status.InvalidCapRef => locus.Return(Bytes(7)),
            _ => throw new AssertionException($"{locus.Status} at {locus.ResumePoint}"),
        });
        using (Capability capability = Kernel.GetCapability(target))
        {
            locus.Grant(0, capability);
        }

        locus.Resume();

        Assert.That(Value(locus.Completion.WaitAsync(s_long).GetAwaiter().GetResult()), Is.EqualTo(7));
    }

    [Test]
    public void A_cut_that_the_manager_refuses_is_the_status_of_the_step()
    {
        using Container home = Create("home");
        Manager.OnSnapshot = _ => Status.NoResources;
        Locus locus = At(home, locus => locus.ResumePoint == 0
            ? locus.Snapshot(CapRef.Locus(0), at: 1)
            : locus.Return(Bytes((long)locus.Status)));
        using (Capability capability = home.GetCapability())
        {
            locus.Grant(0, capability);
        }

        locus.Resume();

        Assert.That(
            (Status)Value(locus.Completion.WaitAsync(s_long).GetAwaiter().GetResult()), Is.EqualTo(Status.NoResources));
    }

    [Test]
    public void Loci_that_move_all_the_time_do_not_keep_cuts_of_both_ends_from_being_made()
    {
        const int Cuts = 200;
        using Container a = Create("a", locus => locus.Registers[0]++ < ulong.MaxValue && locus.Registers[1] == 0
            ? locus.Jump(CapRef.Container(0))
            : locus.Return());
        using Container b = Create("b", locus => locus.Registers[0]++ < ulong.MaxValue
            ? locus.Jump(CapRef.Container(0))
            : locus.Return());
        using (Capability toA = a.GetCapability())
        using (Capability toB = b.GetCapability())
        {
            a.Grant(0, toB);
            b.Grant(0, toA);
        }

        Locus[] loci = [.. Enumerable.Range(0, 20).Select(_ => Kernel.CreateLocus("a", "a"))];
        for (int i = 0; i < Cuts; i++)
        {
            a.View.Write(0, (long)i);
            Kernel.TakeSnapshot(i % 2 == 0 ? [a, b] : [b, a]);
            b.TakeSnapshot();
        }

        Assert.That(loci.Select(locus => locus.State), Is.All.Not.EqualTo(LocusState.Ended));
        Array.ForEach(loci, locus => locus.Destroy());
        Assert.That(() => Kernel.Loci, Is.Empty.After(20_000, 1));
    }

    [Test]
    public void A_container_closed_while_a_locus_rests_in_it_is_opened_again_at_the_next_touch()
    {
        Container home = Create("home", locus => locus.ResumePoint == 0
            ? locus.Continue(at: 1)
            : locus.Return(Bytes(locus.View.Read<long>(8) + (locus.Host == "home" ? 1 : 0))));
        home.View.Write(8, 41L);
        Locus locus = Kernel.CreateLocus("home", "home", isSuspended: true);
        using (Capability capability = home.GetCapability())
        {
            locus.Grant(0, capability);
        }

        home.Dispose();
        Assert.That(home.Entity!.Open, Is.Null);

        locus.Resume();

        Assert.That(Value(locus.Completion.WaitAsync(s_long).GetAwaiter().GetResult()), Is.EqualTo(42));
        Container activated = home.Entity.Open!;
        Assert.That(activated, Is.Not.Null);
        using Container opened = Kernel.OpenContainer("home");
        Assert.That(opened, Is.SameAs(activated), "the program gets the one that was opened for loci");
        Assert.That(StatusOf(() => Kernel.OpenContainer("home")), Is.EqualTo(Status.Busy), "once");
        Assert.That(opened.View.Read<long>(8), Is.EqualTo(41));
    }

    [Test]
    public void A_closed_container_is_opened_when_it_is_invoked()
    {
        Container home = Create("home", locus => locus.InArguments.Length == 0
            ? locus.Return()
            : locus.Return(Bytes((long)locus.Calls.GetInArgs(0, 0, 8))));
        home.Dispose();
        using Capability capability = Kernel.GetCapability("home");

        Kernel.Invoke(capability);
        Assert.That(home.Entity!.Open, Is.Not.Null);
        Assert.That(Kernel.Invoke(capability, Bytes(5)), Is.EqualTo(Bytes((long)Status.Success)));
    }

    [Test]
    public void A_container_deleted_by_its_name_forces_loci_out_of_it()
    {
        Container home = Create("home", locus => locus.Return());
        Locus locus = Kernel.CreateLocus("home", "home", isSuspended: true);
        using Capability capability = home.GetCapability();
        home.Dispose();

        Kernel.DeleteContainer("home");

        Assert.That(
            StatusOf(() => locus.Completion.WaitAsync(s_long).GetAwaiter().GetResult()),
            Is.EqualTo(Status.ContainerGone));
        Assert.That(capability.IsValid, Is.False);
    }
}

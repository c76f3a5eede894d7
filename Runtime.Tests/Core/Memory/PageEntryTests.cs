using NUnit.Framework;
using Runtime.Core.Memory;
using Runtime.Native;

namespace Runtime.Tests.Core.Memory;

public class PageEntryTests
{
    private static PageEntry Absent => default;
    private static PageEntry Present =>
        Absent.BeginFill(7).Install().EndGrant(PageAccess.Read, isDirty: false, isReferenced: true);

    [Test]
    public void A_page_iAbsent_until_filled_and_granted()
    {
        Assert.That(Absent.Phase, Is.EqualTo(PagePhase.Absent));
        Assert.That(Absent.BeginFill(7).Owner, Is.EqualTo(7));
        Assert.That(Present.Phase, Is.EqualTo(PagePhase.Present));
        Assert.That(Present.Granted, Is.EqualTo(PageAccess.Read));
        Assert.That(Present.Owner, Is.Zero);
    }

    [Test]
    public void An_illegal_move_throws_and_names_both_phases()
    {
        Assert.That(
            () => Present.BeginFill(1),
            Throws.InvalidOperationException.With.Message.Contains("Present").And.Message.Contains("Absent"));
        Assert.That(
            () => Absent.BeginSave(1),
            Throws.InvalidOperationException.With.Message.Contains("Absent").And.Message.Contains("Present"));
        Assert.That(() => Absent.Unpin(), Throws.InvalidOperationException);
        Assert.That(() => Present.WaitFor(), Throws.InvalidOperationException);
    }

    [Test]
    public void Pins_survive_claims()
    {
        PageEntry saved = Present.Pin().Pin().BeginSave(65_535).EndSave();
        saved = saved.BeginGrant(1).EndGrant(PageAccess.ReadWrite, isDirty: true, isReferenced: true);
        Assert.That(saved.Pins, Is.EqualTo(2));
        Assert.That(saved.IsDirty, Is.True);
        Assert.That(saved.Granted, Is.EqualTo(PageAccess.ReadWrite));
        Assert.That(saved.Unpin().Unpin().Pins, Is.Zero);
    }

    [Test]
    public void The_end_of_a_claim_forgets_who_waited()
    {
        PageEntry waited = Absent.BeginFill(3).WaitFor();
        Assert.That(waited.IsWaitedFor, Is.True);
        Assert.That(waited.Install().IsWaitedFor, Is.True);
        Assert.That(
            waited.Install().EndGrant(PageAccess.Read, isDirty: false, isReferenced: true).IsWaitedFor, Is.False);
        Assert.That(waited.AbandonFill(), Is.EqualTo(Absent));
    }

    [Test]
    public void A_page_that_was_put_aside_is_absent_with_all_that_is_known_of_it()
    {
        PageEntry dirty = Present.BeginGrant(1).EndGrant(PageAccess.ReadWrite, isDirty: true, isReferenced: true);
        PageEntry spilled = dirty.BeginEvict(2).CloseToWriting().EndSpill(uint.MaxValue);
        Assert.That(spilled.Phase, Is.EqualTo(PagePhase.Absent));
        Assert.That(spilled.IsSpilled && spilled.IsDirty, Is.True);
        Assert.That(spilled.Slot, Is.EqualTo(uint.MaxValue));
        Assert.That(spilled.Pins, Is.Zero);
        Assert.That(spilled.BeginFill(3).AbandonFill(), Is.EqualTo(spilled));
        Assert.That(spilled.BeginSave(3).AbandonSave(PageAccess.None), Is.EqualTo(spilled));

        PageEntry back = spilled.BeginFill(3).Install();
        Assert.That(back.IsDirty && !back.IsSpilled && back.Phase == PagePhase.Granting, Is.True);
        Assert.That(() => back.Slot, Throws.InvalidOperationException);
        Assert.That(() => Present.DropSpilled(), Throws.InvalidOperationException);
        Assert.That(spilled.DropSpilled(), Is.EqualTo(Absent));
    }

    [Test]
    public void A_cut_page_that_was_put_aside_is_unsaved_until_its_manager_has_it()
    {
        PageEntry dirty = Present.BeginGrant(1).EndGrant(PageAccess.ReadWrite, isDirty: true, isReferenced: true);
        PageEntry unsaved = dirty.BeginEvict(2).EndSpill(5).BeginSave(3).Cut(PageAccess.None);
        Assert.That(unsaved.IsUnsaved && unsaved.IsSpilled && !unsaved.IsDirty, Is.True);
        Assert.That(unsaved.Phase, Is.EqualTo(PagePhase.Absent));
        Assert.That(unsaved.BeginSave(3).EndSave(), Is.EqualTo(Absent));
        Assert.That(unsaved.BeginFill(4).Install().IsUnsaved, Is.True);

        PageEntry again = unsaved.BeginSave(3).Reopen();
        Assert.That(again.IsDirty && again.IsSpilled && !again.IsUnsaved, Is.True);
        Assert.That(again.Slot, Is.EqualTo(5));
    }
}

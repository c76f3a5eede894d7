using Runtime.Native;

namespace Runtime.Core.Memory;

/// <summary>
/// What the page table knows of one page, in 64 bits; immutable, each legal move makes the next value.
/// </summary>
/// <remarks>
/// A claim (every phase but <see cref="PagePhase.Absent"/> and <see cref="PagePhase.Present"/>) belongs to the fault
/// context named by <see cref="Owner"/>; only its holder moves the page on. An illegal move throws.
/// </remarks>
internal readonly record struct PageEntry(ulong Bits)
{
    private const int PhaseBits = 3;
    private const int GrantedShift = 3;
    private const ulong DirtyBit = 1UL << 5;
    private const ulong WaitedForBit = 1UL << 6;
    private const ulong UnsavedBit = 1UL << 7;
    private const ulong EvictedBit = 1UL << 8;
    private const ulong ReferencedBit = 1UL << 9;
    private const ulong SpilledBit = 1UL << 10;
    private const ulong WritebackBit = 1UL << 11;
    private const int OwnerShift = 16;
    private const int PinShift = 32;
    private const ulong PhaseMask = (1UL << PhaseBits) - 1;
    private const ulong GrantedMask = 3UL << GrantedShift;
    private const ulong OwnerMask = 0xFFFFUL << OwnerShift;
    private const ulong PinUnit = 1UL << PinShift;
    private const ulong PinMask = ~(PinUnit - 1);
    private const ulong SpilledMask = SpilledBit | PinMask | DirtyBit | UnsavedBit;

    internal PagePhase Phase => (PagePhase)(Bits & PhaseMask);

    /// <summary>What the window allows now.</summary>
    internal PageAccess Granted => (PageAccess)((Bits & GrantedMask) >> GrantedShift);

    /// <summary>
    /// Whether memory, or the kernel's spill, holds what was written in the open interval, and nobody else does.
    /// </summary>
    internal bool IsDirty => (Bits & DirtyBit) != 0;

    /// <summary>
    /// Whether memory, or the kernel's spill, holds what a closed interval wrote, and its manager does not yet.
    /// </summary>
    internal bool IsUnsaved => (Bits & UnsavedBit) != 0;

    /// <summary>
    /// Whether its manager holds what the open interval has written, for the next cut: it was evicted, or written away.
    /// </summary>
    internal bool IsEvicted => (Bits & EvictedBit) != 0;

    /// <summary>
    /// Whether the kernel has put the content aside: it is not in memory, and its manager does not hold it.
    /// </summary>
    internal bool IsSpilled => (Bits & SpilledBit) != 0;

    /// <summary>Whether its manager writes what was written away, and nothing was written since that began.</summary>
    internal bool IsInWriteback => (Bits & WritebackBit) != 0;

    /// <summary>Where it was put, in the place of the pins, of which there are none.</summary>
    internal uint Slot => IsSpilled ? (uint)(Bits >> PinShift) : throw Illegal("read back");

    /// <summary>Whether it was touched since the hand of the clock passed it last.</summary>
    internal bool IsReferenced => (Bits & ReferencedBit) != 0;

    /// <summary>Whether somebody sleeps until the claim ends.</summary>
    internal bool IsWaitedFor => (Bits & WaitedForBit) != 0;

    /// <summary>The fault context that holds the claim; 0 when there is none.</summary>
    internal int Owner => (int)((Bits & OwnerMask) >> OwnerShift);

    /// <summary>How many leases hold it.</summary>
    internal int Pins => IsSpilled ? 0 : (int)(Bits >> PinShift);

    internal bool IsClaimed => Phase is not (PagePhase.Absent or PagePhase.Present);

    /// <summary>Absent to Filling: a fault, or a manager that brings in a neighbour, claims the page.</summary>
    internal PageEntry BeginFill(int owner) => Claim(PagePhase.Absent, PagePhase.Filling, owner);

    /// <summary>Filling to Absent: the page could not be supplied.</summary>
    internal PageEntry AbandonFill() =>
        new(Require(PagePhase.Filling).Bits & (EvictedBit | (IsSpilled ? SpilledMask : 0)));

    /// <summary>
    /// Filling to Granting: the content is complete, the window may be opened to it. What was put aside is in memory
    /// again.
    /// </summary>
    internal PageEntry Install() =>
        With(IsSpilled ? Require(PagePhase.Filling).Unspill() : Require(PagePhase.Filling), PagePhase.Granting);

    /// <summary>Present to Granting: the grant is to change.</summary>
    internal PageEntry BeginGrant(int owner) => Claim(PagePhase.Present, PagePhase.Granting, owner);

    /// <summary>Granting, still: a copy of what the closed interval wrote was put aside.</summary>
    internal PageEntry Preserve() => new(Require(PagePhase.Granting).Bits & ~UnsavedBit);

    /// <summary>Granting to Present: the window now allows this.</summary>
    internal PageEntry EndGrant(PageAccess granted, bool isDirty, bool isReferenced) =>
        Release(Require(PagePhase.Granting), granted)
            .Set(DirtyBit, isDirty)
            .Set(ReferencedBit, isReferenced)
            .Set(WritebackBit, IsInWriteback && granted != PageAccess.ReadWrite);

    /// <summary>Granting, still: nobody may write it any more unnoticed, and its manager writes it away.</summary>
    internal PageEntry BeginWriteback() =>
        IsDirty ? Require(PagePhase.Granting).Set(WritebackBit, true) : throw Illegal("written away");

    /// <summary>Present, still: nobody has written it meanwhile, and its manager holds it for the next cut.</summary>
    internal PageEntry EndWriteback() => IsInWriteback && IsDirty
        ? Require(PagePhase.Present).Set(DirtyBit | WritebackBit, false).Set(EvictedBit, true)
        : throw Illegal("held by its manager");

    /// <summary>It stays dirty; legal in every phase, since it says nothing about the page.</summary>
    internal PageEntry ForgetWriteback() => Set(WritebackBit, false);

    /// <summary>
    /// Present, or put aside, to Saving: the page is held still while its content is looked at. From there it returns
    /// to where it was.
    /// </summary>
    internal PageEntry BeginSave(int owner) =>
        Claim(IsSpilled ? PagePhase.Absent : PagePhase.Present, PagePhase.Saving, owner);

    /// <summary>Saving to Present: a cut closes the interval that wrote it.</summary>
    internal PageEntry Cut(PageAccess granted) =>
        Release(Require(PagePhase.Saving), granted)
            .Set(DirtyBit | EvictedBit | WritebackBit, false)
            .Set(UnsavedBit, true);

    /// <summary>Saving to Present: its manager holds what the closed interval wrote.</summary>
    internal PageEntry EndSave()
    {
        PageEntry released = Release(Require(PagePhase.Saving), Granted).Set(UnsavedBit, false);
        return IsSpilled ? released.Unspill() : released;
    }

    /// <summary>Saving to Present: the closed interval came to nothing; the open one wrote the page.</summary>
    internal PageEntry Reopen() =>
        Release(Require(PagePhase.Saving), Granted).Set(UnsavedBit, false).Set(DirtyBit, true);

    /// <summary>Saving to Present: nothing has happened but what the window now allows.</summary>
    internal PageEntry AbandonSave(PageAccess granted) => Release(Require(PagePhase.Saving), granted);

    /// <summary>Present to Evicting: the page is to leave memory.</summary>
    internal PageEntry BeginEvict(int owner) => Claim(PagePhase.Present, PagePhase.Evicting, owner);

    /// <summary>Evicting, still: no window allows it to be written any more.</summary>
    internal PageEntry CloseToWriting() => new(
        (Require(PagePhase.Evicting).Bits & ~GrantedMask) | ((ulong)PageAccess.Read << GrantedShift));

    /// <summary>Evicting to Absent: its memory is gone; what the open interval wrote has gone to its manager.</summary>
    internal PageEntry EndEvict() =>
        new((Require(PagePhase.Evicting).Bits & EvictedBit) | (IsDirty ? EvictedBit : 0));

    /// <summary>Evicting to Absent: its memory is gone; what the open interval wrote was put aside.</summary>
    internal PageEntry EndSpill(uint slot) => new(
        (Require(PagePhase.Evicting).Bits & (EvictedBit | DirtyBit)) | SpilledBit | ((ulong)slot << PinShift));

    /// <summary>Put aside, and nobody wants it.</summary>
    internal PageEntry DropSpilled() => Phase == PagePhase.Absent && IsSpilled ? default : throw Illegal("dropped");

    /// <summary>Evicting to Absent: its memory is gone, and nobody wants what was written.</summary>
    internal PageEntry Drop() => Require(PagePhase.Evicting) with { Bits = 0 };

    /// <summary>Evicting to Present: the page stays.</summary>
    internal PageEntry AbandonEvict(PageAccess granted) => Release(Require(PagePhase.Evicting), granted);

    /// <summary>The hand of the clock has passed the page.</summary>
    internal PageEntry PassBy() => Set(ReferencedBit, false);

    /// <summary>A cut has counted what was evicted.</summary>
    internal PageEntry ForgetEvicted() => Set(EvictedBit, false);

    /// <summary>
    /// The interval in which it was evicted, or saved, came to nothing: it counts as evicted in the open one.
    /// </summary>
    internal PageEntry NoteEvicted() => Set(EvictedBit, true);

    /// <summary>A lease holds the page; its grant is not withdrawn until it lets go.</summary>
    internal PageEntry Pin() => new(Require(PagePhase.Present).Bits + PinUnit);

    /// <summary>A lease lets go; legal in every phase but Absent, because a claim may have come meanwhile.</summary>
    internal PageEntry Unpin() => Pins > 0 ? new PageEntry(Bits - PinUnit) : throw Illegal("unpinned");

    /// <summary>Somebody sleeps until the claim ends.</summary>
    internal PageEntry WaitFor() => IsClaimed ? new PageEntry(Bits | WaitedForBit) : throw Illegal("waited for");

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Phase} {Granted}{(IsDirty ? " dirty" : "")}{(IsUnsaved ? " unsaved" : "")}"
        + $"{(IsInWriteback ? " in writeback" : "")}{(IsEvicted ? " evicted" : "")}"
        + $"{(IsSpilled ? $" spilled to {Slot}" : "")}"
        + $"{(Pins > 0 ? $" {Pins} pins" : "")}{(Owner > 0 ? $" of {Owner}" : "")}";

    private PageEntry Claim(PagePhase from, PagePhase to, int owner) =>
        new((With(Require(from), to).Bits & ~OwnerMask) | ((ulong)owner << OwnerShift));

    /// <summary>The claim ends, where the page is; who waited for it is woken by its holder.</summary>
    private static PageEntry Release(PageEntry entry, PageAccess granted)
    {
        ulong kept = entry.Bits & ~(PhaseMask | GrantedMask | OwnerMask | WaitedForBit);
        PagePhase phase = entry.IsSpilled ? PagePhase.Absent : PagePhase.Present;
        return new PageEntry(kept | (ulong)phase | ((ulong)granted << GrantedShift));
    }

    private PageEntry Unspill() => new(Bits & ~(SpilledBit | PinMask));

    private PageEntry Set(ulong bit, bool isSet) => new(isSet ? Bits | bit : Bits & ~bit);

    private static PageEntry With(PageEntry entry, PagePhase phase) => new((entry.Bits & ~PhaseMask) | (ulong)phase);

    private PageEntry Require(PagePhase phase) => Phase == phase ? this : throw Illegal($"moved from {phase}");

    private InvalidOperationException Illegal(string move) => new($"a page that is {this} cannot be {move}");
}

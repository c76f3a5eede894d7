using Runtime.Native;

namespace Runtime.Core.Memory;

/// <summary>
/// What the page table knows of one page, in 64 bits; immutable, each legal move makes the next value.
/// </summary>
/// <remarks>
/// A claim (<see cref="PagePhase.Filling"/>, <see cref="PagePhase.Granting"/>, <see cref="PagePhase.Saving"/>) belongs
/// to
/// the fault context named by <see cref="Owner"/>; only its holder moves the page on. An illegal move throws.
/// </remarks>
internal readonly record struct PageEntry(ulong Bits)
{
    private const int PhaseBits = 3;
    private const int GrantedShift = 3;
    private const ulong DirtyBit = 1UL << 5;
    private const ulong WaitedForBit = 1UL << 6;
    private const int OwnerShift = 16;
    private const int PinShift = 32;
    private const ulong PhaseMask = (1UL << PhaseBits) - 1;
    private const ulong GrantedMask = 3UL << GrantedShift;
    private const ulong OwnerMask = 0xFFFFUL << OwnerShift;
    private const ulong PinUnit = 1UL << PinShift;

    internal PagePhase Phase => (PagePhase)(Bits & PhaseMask);

    /// <summary>What the window allows now.</summary>
    internal PageAccess Granted => (PageAccess)((Bits & GrantedMask) >> GrantedShift);

    /// <summary>Whether it was written in the open interval.</summary>
    internal bool IsDirty => (Bits & DirtyBit) != 0;

    /// <summary>Whether somebody sleeps until the claim ends.</summary>
    internal bool IsWaitedFor => (Bits & WaitedForBit) != 0;

    /// <summary>The fault context that holds the claim; 0 when there is none.</summary>
    internal int Owner => (int)((Bits & OwnerMask) >> OwnerShift);

    /// <summary>How many leases hold it.</summary>
    internal int Pins => (int)(Bits >> PinShift);

    internal bool IsClaimed => Phase is PagePhase.Filling or PagePhase.Granting or PagePhase.Saving;

    /// <summary>Absent to Filling: a fault, or a manager that brings in a neighbour, claims the page.</summary>
    internal PageEntry BeginFill(int owner) => Claim(PagePhase.Absent, PagePhase.Filling, owner);

    /// <summary>Filling to Absent: the page could not be supplied.</summary>
    internal PageEntry AbandonFill() => Require(PagePhase.Filling) with { Bits = 0 };

    /// <summary>Filling to Granting: the content is complete, the window may be opened to it.</summary>
    internal PageEntry Install() => With(Require(PagePhase.Filling), PagePhase.Granting);

    /// <summary>Present to Granting: the grant is to change.</summary>
    internal PageEntry BeginGrant(int owner) => Claim(PagePhase.Present, PagePhase.Granting, owner);

    /// <summary>Granting to Present: the window now allows this.</summary>
    internal PageEntry EndGrant(PageAccess granted, bool isDirty)
    {
        ulong kept = Require(PagePhase.Granting).Bits
            & ~(PhaseMask | GrantedMask | OwnerMask | DirtyBit | WaitedForBit);
        return new PageEntry(
            kept | (ulong)PagePhase.Present | ((ulong)granted << GrantedShift) | (isDirty ? DirtyBit : 0));
    }

    /// <summary>Present to Saving: a cut holds the page still.</summary>
    internal PageEntry BeginSave(int owner) => Claim(PagePhase.Present, PagePhase.Saving, owner);

    /// <summary>Saving to Granting: what remains is to say what the window allows.</summary>
    internal PageEntry EndSave() => With(Require(PagePhase.Saving), PagePhase.Granting);

    /// <summary>A lease holds the page; its grant is not withdrawn until it lets go.</summary>
    internal PageEntry Pin() => new(Require(PagePhase.Present).Bits + PinUnit);

    /// <summary>A lease lets go; legal in every phase but Absent, because a claim may have come meanwhile.</summary>
    internal PageEntry Unpin() => Pins > 0 ? new PageEntry(Bits - PinUnit) : throw Illegal("unpinned");

    /// <summary>Somebody sleeps until the claim ends.</summary>
    internal PageEntry WaitFor() => IsClaimed ? new PageEntry(Bits | WaitedForBit) : throw Illegal("waited for");

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Phase} {Granted}{(IsDirty ? " dirty" : "")}"
        + $"{(Pins > 0 ? $" {Pins} pins" : "")}{(Owner > 0 ? $" of {Owner}" : "")}";

    private PageEntry Claim(PagePhase from, PagePhase to, int owner) =>
        new((With(Require(from), to).Bits & ~OwnerMask) | ((ulong)owner << OwnerShift));

    private static PageEntry With(PageEntry entry, PagePhase phase) => new((entry.Bits & ~PhaseMask) | (ulong)phase);

    private PageEntry Require(PagePhase phase) => Phase == phase ? this : throw Illegal($"moved from {phase}");

    private InvalidOperationException Illegal(string move) => new($"a page that is {this} cannot be {move}");
}

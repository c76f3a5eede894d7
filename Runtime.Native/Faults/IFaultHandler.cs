namespace Runtime.Native;

/// <summary>Serves the faults of one window.</summary>
/// <remarks>Called on any thread, several at once.</remarks>
public interface IFaultHandler
{
    /// <summary>Makes the access possible, by <see cref="Window.TryProtect"/>, or says why not.</summary>
    /// <returns>
    /// 0: the instruction runs again. A positive status: it fails (docs/design.md, "When a fault fails").
    /// </returns>
    int OnFault(ref readonly Fault fault);

    /// <summary>Withdraws the grant of a page to save a mapping, if nobody depends on it just now.</summary>
    /// <returns>
    /// False if it cannot be spared now, but perhaps later; true if there is nothing left to withdraw, which includes
    /// pages that are closed already.
    /// </returns>
    bool TryWithdraw(long page);
}

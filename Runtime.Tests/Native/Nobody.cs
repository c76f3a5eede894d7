using Runtime.Native;

namespace Runtime.Tests.Native;

/// <summary>Serves no faults: for windows that are looked at, not touched.</summary>
internal sealed class Nobody : IFaultHandler
{
    public int OnFault(ref readonly Fault fault) => 13;

    public bool TryWithdraw(long page) => false;
}

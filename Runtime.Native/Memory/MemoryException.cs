using System.Runtime.InteropServices;

namespace Runtime.Native;

/// <summary>
/// The system refused memory, address space or mappings; the message names the call and the error number.
/// </summary>
public sealed class MemoryException : Exception
{
    /// <summary>A limit of this library was reached.</summary>
    public MemoryException(string message)
        : base(message)
    {
    }

    /// <summary>A call of the system failed with an error number.</summary>
    public MemoryException(string what, int errorNumber)
        : base($"{what}: {Marshal.GetPInvokeErrorMessage(errorNumber)} ({errorNumber})") => ErrorNumber = errorNumber;

    /// <summary>The errno or Windows error code; 0 if a limit of this library was reached.</summary>
    public int ErrorNumber { get; }
}

using Runtime.Core;
using Runtime.Core.Tracing;

namespace Runtime.Tool.Tracing;

/// <summary>The trace, if there is one, of the verb that runs now. Every kernel of a verb boots here.</summary>
internal static class ToolTrace
{
    private static readonly AsyncLocal<ManagerTrace?> s_current = new();

    /// <summary>For whoever boots a kernel elsewhere; null for none.</summary>
    internal static ManagerTrace? Current => s_current.Value;

    internal static Task<Kernel> BootAsync(KernelOptions options, CancellationToken cancellationToken)
    {
        options.Trace = Current;
        return Kernel.BootAsync(options, cancellationToken);
    }

    /// <summary>Runs a verb, whose kernels show their calls to a trace.</summary>
    internal static async Task<int> RunAsync(ManagerTrace trace, Func<Task<int>> verb)
    {
        s_current.Value = trace;                                    // forgotten when this method returns
        return await verb();
    }
}

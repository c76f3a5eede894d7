using Runtime.Core;
using Runtime.Tool.Faults;
using Runtime.Tool.Output;

namespace Runtime.Tool.Machine;

/// <summary>How the self-test of the trap went.</summary>
/// <param name="Passed">Whether every page was supplied by an upcall, with the right bytes.</param>
/// <param name="Pages">How many pages were touched.</param>
/// <param name="MedianNs">What a touch took, by an accessor; null if it failed.</param>
/// <param name="Problem">Why it failed.</param>
internal sealed record TrapSelfTest(bool Passed, int Pages, long? MedianNs, string? Problem)
{
    private const int PageCount = 1_000;

    /// <summary>Takes real faults through a manager of its own; a failure is a result here, not an exception.</summary>
    internal static async Task<TrapSelfTest> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await using Kernel kernel = await NumberedPagesManager.BootKernelAsync(engine: null, cancellationToken);
            LatencyHistogram latencies = FaultLatency.Measure(
                kernel, TouchWay.All[0], PageCount, ProgressReceiver<double>.Nobody, cancellationToken);
            return new TrapSelfTest(true, PageCount, latencies.MedianNs, null);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            return new TrapSelfTest(false, PageCount, null, exception.Message);
        }
    }
}

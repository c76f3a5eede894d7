using System.Diagnostics;
using Runtime.Core;
using Runtime.Native;
using Runtime.Tool.Verbs;

namespace Runtime.Tool.Demo;

/// <summary>How the killed process ended.</summary>
/// <param name="DurableRound">The last round that it had said to be durable.</param>
/// <param name="DurableInterval">The snapshot of that round.</param>
/// <param name="IsNextHalfWritten">Whether it had also said that it was half through the round after.</param>
/// <param name="ExitCode">As the system reports it.</param>
internal sealed record DemoDeath(
    long DurableRound, StateInterval DurableInterval, bool IsNextHalfWritten, int ExitCode);

/// <summary>Runs the writing process and kills it while it writes.</summary>
internal static class DemoVictim
{
    private const long RoundsToSurvive = 3;

    internal static async Task<DemoDeath> RunAsync(
        string volume, string container, TrapEngine? engine, CancellationToken cancellationToken)
    {
        string[] choice = engine is null ? [] : ["--engine", engine.Name];
        using var process = new Process
        {
            StartInfo = KatydidProcess.StartInfo(
                [DemoWriterVerb.Name, "--volume", volume, "--container", container, .. choice]),
        };
        process.Start();
        try
        {
            Task<string> complaints = process.StandardError.ReadToEndAsync(cancellationToken);
            DemoProgress durable = default;
            DemoProgress last = default;
            bool isKilled = false;
            while (await process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
            {
                last = DemoProgress.FromLine(line);
                if (last.Interval is not null)
                {
                    durable = last;
                }
                else if (durable.Round >= RoundsToSurvive && !isKilled)
                {
                    // SIGKILL, or TerminateProcess: nothing of it runs any more, not even a handler. What it still said
                    // before is in the pipe and counts.
                    process.Kill();
                    isKilled = true;
                }
            }

            await process.WaitForExitAsync(cancellationToken);
            return isKilled
                ? new DemoDeath(durable.Round, durable.Interval!.Value, last.Interval is null, process.ExitCode)
                : throw new RefusedException($"the writing process ended by itself: {(await complaints).Trim()}");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
                await process.WaitForExitAsync(CancellationToken.None);
            }
        }
    }
}

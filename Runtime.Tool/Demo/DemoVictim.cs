using System.Diagnostics;
using Runtime.Core;
using Runtime.Tool.Verbs;

namespace Runtime.Tool.Demo;

/// <summary>How the killed process ended.</summary>
/// <param name="HalfWrittenRound">The round that it had said to be half written.</param>
/// <param name="DurableRound">The last round that it had said to be durable.</param>
/// <param name="DurableInterval">The snapshot of that round.</param>
/// <param name="ExitCode">As the system reports it.</param>
internal sealed record DemoDeath(long HalfWrittenRound, long DurableRound, StateInterval DurableInterval, int ExitCode);

/// <summary>Runs the writing process and kills it while it writes.</summary>
internal static class DemoVictim
{
    private const long RoundsToSurvive = 3;

    internal static async Task<DemoDeath> RunAsync(string volume, string container, CancellationToken cancellationToken)
    {
        using var process = new Process
        {
            StartInfo = KatydidProcess.StartInfo(DemoWriterVerb.Name, "--volume", volume, "--container", container),
        };
        process.Start();
        try
        {
            Task<string> complaints = process.StandardError.ReadToEndAsync(cancellationToken);
            DemoProgress durable = default;
            while (await process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
            {
                var progress = DemoProgress.FromLine(line);
                if (progress.Interval is not null)
                {
                    durable = progress;
                }
                else if (durable.Round >= RoundsToSurvive)
                {
                    // SIGKILL, or TerminateProcess: nothing of it runs any more, not even a handler.
                    process.Kill();
                    await process.WaitForExitAsync(cancellationToken);
                    return new DemoDeath(progress.Round, durable.Round, durable.Interval!.Value, process.ExitCode);
                }
            }

            throw new RefusedException($"the writing process ended by itself: {(await complaints).Trim()}");
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

using System.Runtime.InteropServices;
using Runtime.Tool.Output;

namespace Runtime.Tool;

internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        using var cancellation = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, CancelOnce);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, CancelOnce);
        using ToolConsole console = ToolConsole.ForProcess();
        return await KatydidCommand.RunAsync(args, console, cancellation.Token);

        // The first signal lets a verb put things back in order; a second one ends the process as signals do.
        void CancelOnce(PosixSignalContext signal)
        {
            if (!cancellation.IsCancellationRequested)
            {
                signal.Cancel = true;
                cancellation.Cancel();
            }
        }
    }
}

using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Runtime.Core;
using Runtime.Native;
using Runtime.Tool.Arguments;
using Runtime.Tool.Output;
using Runtime.Tool.Verbs;

namespace Runtime.Tool;

/// <summary>The command line: its verbs, and how what goes wrong becomes one line and an exit code.</summary>
internal static class KatydidCommand
{
    internal static RootCommand Build(ToolConsole console)
    {
        var volume = new VolumeOption();
        var root = new RootCommand(
            "Katydid, a single-level store: files in containers, reached through memory by real page faults.\n\n" +
            "Exit codes: 0 done, 1 refused or failed (one line on standard error), 2 wrong usage, 130 cancelled.")
        {
            ImportVerb.Create(console, volume),
            ExportVerb.Create(console, volume),
            ListVerb.Create(console, volume),
            HistoryVerb.Create(console, volume),
            MapVerb.Create(console, volume),
            PatchVerb.Create(console, volume),
            SearchVerb.Create(console, volume),
            RestoreVerb.Create(console, volume),
            CloneVerb.Create(console, volume),
            DiscardVerb.Create(console, volume),
            RetainVerb.Create(console, volume),
            DeleteVerb.Create(console, volume),
            BackupVerb.Create(console, volume),
            RestoreBackupVerb.Create(console, volume),
            VerifyVerb.Create(console, volume),
            DumpVerb.Create(console, volume),
            CapabilitiesVerb.Create(console, volume),
            LociVerb.Create(console, volume),
            SampleVerb.Create(console, volume),
            DoctorVerb.Create(console, volume),
            FaultsVerb.Create(console),
            StatsVerb.Create(console),
            TraceVerb.Create(console, volume),
            DemoVerb.Create(console, volume),
            DemoWriterVerb.Create(console, volume),
        };
        root.Options.Add(volume);
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((SynchronousCommandLineAction)help.Action!);
        return root;
    }

    /// <summary>Runs one command line; never throws for what a user or the world did.</summary>
    internal static async Task<int> RunAsync(
        IReadOnlyList<string> args, ToolConsole console, CancellationToken cancellationToken = default)
    {
        try
        {
            return await ParseAndRunAsync(args, console, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            console.Complain("cancelled");
            return ExitCode.Cancelled;
        }
        catch (IOException exception) when (ToolConsole.IsBrokenPipe(exception))
        {
            // As with `| head`: the reader has what it wanted, so there is nothing to tell anybody.
            return ExitCode.Failure;
        }
        catch (Exception exception)
        {
            console.Complain(Describe(exception));
            return ExitCode.Failure;
        }
    }

    private static async Task<int> ParseAndRunAsync(
        IReadOnlyList<string> args, ToolConsole console, CancellationToken cancellationToken)
    {
        // Names may begin with @, and no option here has a short form that could be bundled.
        var grammar = new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = false };
        ParseResult command = Build(console).Parse(args, grammar);
        if (command.Action is ParseErrorAction)
        {
            console.Complain($"{DescribeUsageError(command)}; try '{HelpFor(command)}'");
            return ExitCode.Usage;
        }

        var invocation = new InvocationConfiguration
        {
            Output = console.Output,
            Error = console.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null,
        };
        try
        {
            return await command.InvokeAsync(invocation, cancellationToken);
        }
        finally
        {
            // What a verb found out before it failed is worth seeing, and standard output may fail as well.
            console.Output.Flush();
        }
    }

    private static string DescribeUsageError(ParseResult command)
    {
        string message = command.UnmatchedTokens is [string unmatched, ..]
            ? $"unrecognized command or argument '{unmatched}'"
            : command.Errors[0].Message.TrimEnd('.');
        return char.ToLowerInvariant(message[0]) + message[1..];
    }

    private static string HelpFor(ParseResult command) =>
        command.CommandResult.Command is Verb verb ? $"katydid {verb.Name} --help" : "katydid --help";

    /// <summary>Expected failures carry their own sentence; anything else also says what kind it is of.</summary>
    private static string Describe(Exception exception) => exception switch
    {
        ContainerFaultException { Reason: { } reason } => $"{exception.Message}: {reason}",
        RefusedException or KernelException or MemoryException or IOException or UnauthorizedAccessException
            or PlatformNotSupportedException => exception.Message,
        TypeInitializationException { InnerException: { } cause } => Describe(cause),
        _ => $"unexpected {exception.GetType().Name}: {exception.Message}",
    };
}

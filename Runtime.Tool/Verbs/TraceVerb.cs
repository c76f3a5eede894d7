using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text;
using Runtime.Core.Tracing;
using Runtime.Tool.Arguments;
using Runtime.Tool.Output;
using Runtime.Tool.Tracing;

namespace Runtime.Tool.Verbs;

/// <summary><c>trace [--calls NAME,…] [--output FILE] -- VERB …</c>: what kernel and managers say.</summary>
internal static class TraceVerb
{
    private const string Name = "trace";
    private const int NamesPerLine = 4;

    private static readonly TimeSpan s_long = TimeSpan.FromSeconds(1);

    internal static Verb Create(ToolConsole console, VolumeOption volume)
    {
        var words = new Argument<string[]>("VERB")
        {
            Arity = ArgumentArity.OneOrMore,
            Description = "The verb to run, after --, with its arguments and options.",
        };
        words.Validators.Add(RefuseItself);
        var calls = new CallsOption();
        var output = new Option<string>("--output")
        {
            HelpName = "FILE",
            Description = "Print to this file, and not to standard error.",
        };
        var json = new JsonOption();
        var verb = new Verb(Name, "Run another verb, and print the calls between kernel and managers in order.")
        {
            Notes =
            [
                "A line for each call, in the order in which they began: number, time, thread, who calls whom, the",
                "call in the words of the interface document, what came of it, how long it took. A call made during",
                "another one of the same thread is indented; one that takes longer than a second is printed twice, at",
                "first without its outcome. With --json each line is a document. docs/writing-a-manager.md shows some.",
                "The exit code is that of the verb. Kernels of this process are seen, not demo's writers. Calls:",
                .. ManagerTrace.CallNames.Chunk(NamesPerLine).Select(names => $"  {string.Join(", ", names)}"),
            ],
            Examples =
            [
                "trace -- export --container notes --at 3 notes.txt",
                "trace --calls container_fault,container_snapshot -- patch --container notes --offset 0 --text Hello",
                "trace --json --output calls.json -- sample manager --volume /tmp/manager",
            ],
        };
        verb.Arguments.Add(words);
        verb.Options.Add(calls);
        verb.Options.Add(output);
        verb.Options.Add(json);
        verb.SetAction(async (command, cancellationToken) =>
        {
            string[] args = command.GetRequiredValue(words);
            if (command.GetValue(volume) is { } directory)
            {
                args = [$"{volume.Name}={directory}", .. args];
            }

            string[]? names = calls.Get(command);
            bool isJson = json.Get(command);
            if (command.GetValue(output) is not { } file)
            {
                return await RunAsync(
                    console.WithoutProgress(), args, new TraceWriter(console.Error, names, isJson), cancellationToken);
            }

            await using FileStream stream = Open(file);
            return await RunAsync(
                console, args, new TraceWriter(WriterOf(stream), names, isJson), cancellationToken);
        });
        return verb;
    }

    private static async Task<int> RunAsync(
        ToolConsole console, string[] args, TraceWriter writer, CancellationToken cancellationToken)
    {
        int exitCode;
        using (var recorder = new TraceRecorder(writer, s_long))
        {
            exitCode = await ToolTrace.RunAsync(
                recorder, () => KatydidCommand.RunAsync(args, console, cancellationToken));
        }

        if (writer.Failure is not { } failure)
        {
            return exitCode;
        }

        console.Complain($"the trace is not complete: {failure.Message}");
        return exitCode == ExitCode.Success ? ExitCode.Failure : exitCode;
    }

    private static FileStream Open(string file) => Directory.Exists(file)
        ? throw new RefusedException($"'{file}' is a directory")
        : new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);

    /// <summary>Writes line by line, so that it can be read while the verb runs, or after it was killed.</summary>
    private static StreamWriter WriterOf(FileStream stream) =>
        new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true)
        {
            AutoFlush = true,
            NewLine = "\n",
        };

    private static void RefuseItself(ArgumentResult result)
    {
        if (result.Tokens is [{ Value: Name }, ..])
        {
            result.AddError($"'{Name}' is not traced itself");
        }
    }
}

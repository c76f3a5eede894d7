using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Win32.SafeHandles;
using Spectre.Console;

namespace Runtime.Tool.Output;

/// <summary>The two streams of a run: what was asked for goes to one, progress and complaints to the other.</summary>
internal sealed class ToolConsole : IDisposable
{
    // Redirected tables must not be folded to the width of a terminal that is not there.
    private const int RedirectedWidth = 4096;

    private readonly IAnsiConsole? _progress;

    private ToolConsole(Stream standardOutput, TextWriter output, TextWriter error, IAnsiConsole? progress)
    {
        StandardOutput = standardOutput;
        Output = output;
        Error = error;
        _progress = progress;
        Screen = CreateScreen(output);
    }

    /// <summary>Standard output as exact bytes; not to be mixed with <see cref="Output"/> in one run.</summary>
    internal Stream StandardOutput { get; }

    /// <summary>Standard output as text; flushed when the run ends.</summary>
    internal TextWriter Output { get; }

    /// <summary><see cref="Output"/> as Spectre draws on it; without colours when redirected.</summary>
    internal IAnsiConsole Screen { get; }

    /// <summary>Standard error.</summary>
    internal TextWriter Error { get; }

    internal static ToolConsole ForProcess()
    {
        Stream stream = OpenStandardOutput();
        TextWriter output = Console.IsOutputRedirected ? CreateWriter(stream) : Console.Out;
        IAnsiConsole? progress = Console.IsErrorRedirected
            ? null
            : AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return new ToolConsole(stream, output, Console.Error, progress);
    }

    /// <summary>A run whose streams are kept, for tests.</summary>
    internal static ToolConsole ForStreams(Stream standardOutput, TextWriter error) =>
        new(standardOutput, CreateWriter(standardOutput), error, progress: null);

    /// <summary>The same streams without a progress bar, for a run that has more to say on standard error.</summary>
    /// <remarks>They stay this one's, which alone is disposed.</remarks>
    internal ToolConsole WithoutProgress() => new(StandardOutput, Output, Error, progress: null);

    /// <summary>Whether writing failed only because the reader of the pipe is gone.</summary>
    internal static bool IsBrokenPipe(IOException exception)
    {
        const int EPIPE = 32;
        const int ErrorBrokenPipe = unchecked((int)0x8007006D);
        const int ErrorNoData = unchecked((int)0x800700E8);
        return exception.HResult is EPIPE or ErrorBrokenPipe or ErrorNoData;
    }

    /// <summary>Writes the one line that a failure is.</summary>
    internal void Complain(string message)
    {
        string line = message.ReplaceLineEndings(" ").Trim();
        Error.WriteLine($"katydid: {line}");
        Error.Flush();
    }

    /// <summary>Prints one JSON document, with a line end.</summary>
    internal void WriteJson<T>(T value, JsonTypeInfo<T> type) =>
        Output.WriteLine(JsonSerializer.Serialize(value, type));

    /// <summary>Runs long work under a progress bar on standard error, if that is a terminal.</summary>
    internal Task WithProgressAsync(string what, long total, Func<IProgress<long>, Task> work) =>
        WithFractionAsync(what, async fraction =>
        {
            // An empty file is complete from the start.
            await work(new ProgressReceiver<long>(done => fraction.Report((double)done / Math.Max(total, 1))));
            return total;
        });

    /// <inheritdoc cref="WithProgressAsync"/>
    /// <remarks>The work reports from 0 to 1.</remarks>
    internal async Task<T> WithFractionAsync<T>(string what, Func<IProgress<double>, Task<T>> work)
    {
        if (_progress is null)
        {
            return await work(ProgressReceiver<double>.Nobody);
        }

        return await _progress.Progress()
            .AutoClear(true)
            .Columns(
                new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                ProgressTask task = context.AddTask(Markup.Escape(what), maxValue: 1);
                T result = await work(new ProgressReceiver<double>(done => task.Value = done));
                task.Value = task.MaxValue;
                return result;
            });
    }

    /// <inheritdoc/>
    public void Dispose() => StandardOutput.Dispose();

    private static Stream OpenStandardOutput()
    {
        if (OperatingSystem.IsWindows() && !Console.IsOutputRedirected)
        {
            Console.OutputEncoding = Encoding.UTF8;
        }

        if (OperatingSystem.IsWindows() || !Console.IsOutputRedirected)
        {
            return Console.OpenStandardOutput();
        }

        // The console's own stream swallows EPIPE: an export into a pipe that nobody reads would run to its end. For
        // files it is the right one: a FileStream would write at offsets of its own, over what others append.
        const int StandardOutputDescriptor = 1;
        var pipe = new FileStream(
            new SafeFileHandle(StandardOutputDescriptor, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        return pipe.CanSeek ? Console.OpenStandardOutput() : pipe;
    }

    private static StreamWriter CreateWriter(Stream stream) =>
        new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), bufferSize: 32 << 10, leaveOpen: true)
        {
            NewLine = "\n",
        };

    private static IAnsiConsole CreateScreen(TextWriter output)
    {
        if (ReferenceEquals(output, Console.Out))
        {
            return AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        }

        IAnsiConsole screen = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(output),
        });
        screen.Profile.Width = RedirectedWidth;
        return screen;
    }
}

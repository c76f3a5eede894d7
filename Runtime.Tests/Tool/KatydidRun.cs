using System.Text;
using Runtime.Tool;
using Runtime.Tool.Output;

namespace Runtime.Tests.Tool;

/// <summary>One command line, run inside this process, and what came of it.</summary>
internal sealed record KatydidRun(int ExitCode, byte[] Bytes, string Error)
{
    /// <summary>Standard output as text.</summary>
    public string Output => Encoding.UTF8.GetString(Bytes);

    public static Task<KatydidRun> RunAsync(params string[] args) => RunAsync(args, CancellationToken.None);

    public static async Task<KatydidRun> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        using var output = new MemoryStream();
        using var error = new StringWriter { NewLine = "\n" };
        using ToolConsole console = ToolConsole.ForStreams(output, error);
        int exitCode = await KatydidCommand.RunAsync(args, console, cancellationToken);
        return new KatydidRun(exitCode, output.ToArray(), error.ToString());
    }

    public override string ToString() => $"exit code {ExitCode}, output <{Output}>, error <{Error}>";
}

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;

namespace Runtime.Tests.Support;

/// <summary>
/// This test executable, running one method marked <see cref="ChildAttribute"/> instead of the tests; on Linux and
/// Windows. Dispose kills it if it still runs.
/// </summary>
/// <example>
/// <code>
/// [Child] private static int Speaks(string[] args) { Console.WriteLine(args[0]); return 3; }
/// …
/// ChildExit exit = ChildProcess.Run(Speaks, "hello");      // exit.Code == 3, exit.Output == "hello\n"
/// using var child = ChildProcess.Start(Speaks, "hello");   // child.ReadLine() == "hello"; child.Kill(); …
/// </code>
/// </example>
internal sealed class ChildProcess : IDisposable
{
    public const string Switch = "--child";

    public static readonly TimeSpan DefaultLimit = TimeSpan.FromSeconds(60);

    // On Windows both ends would otherwise take a code page, each the one that it believes in.
    private static readonly UTF8Encoding s_encoding = new(encoderShouldEmitUTF8Identifier: false);

    private readonly Process _process;
    private readonly BlockingCollection<string> _lines = [];
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();

    private ChildProcess(ProcessStartInfo startInfo)
    {
        _process = new Process { StartInfo = startInfo };
        _process.OutputDataReceived += (_, e) => TakeOutput(e.Data);
        _process.ErrorDataReceived += (_, e) => TakeError(e.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    /// <summary>In the child: speaks as <see cref="Start(Func{string[], int}, string[])"/> listens.</summary>
    public static void SpeakToParent()
    {
        Console.SetIn(new StreamReader(Console.OpenStandardInput(), s_encoding));
        Console.SetOut(new StreamWriter(Console.OpenStandardOutput(), s_encoding) { AutoFlush = true });
        Console.SetError(new StreamWriter(Console.OpenStandardError(), s_encoding) { AutoFlush = true });
    }

    /// <summary>Starts a child and waits until it has ended.</summary>
    public static ChildExit Run(Func<string[], int> child, params string[] args)
    {
        using ChildProcess process = Start(child, args);
        return process.WaitForExit();
    }

    /// <summary>Starts a child; its standard input, output and error are the caller's to use.</summary>
    public static ChildProcess Start(Func<string[], int> child, params string[] args) =>
        Start(child, args, configure: null);

    /// <inheritdoc cref="Start(Func{string[], int}, string[])"/>
    /// <param name="child">A static method marked <see cref="ChildAttribute"/>.</param>
    /// <param name="args">Its arguments.</param>
    /// <param name="configure">May set environment variables and the like.</param>
    public static ChildProcess Start(Func<string[], int> child, string[] args, Action<ProcessStartInfo>? configure)
    {
        var startInfo = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = s_encoding,
            StandardOutputEncoding = s_encoding,
            StandardErrorEncoding = s_encoding,
            UseShellExecute = false,
            CreateNoWindow = true,
        };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            startInfo.ArgumentList.Add(Path.Combine(
                AppContext.BaseDirectory, typeof(ChildProcess).Assembly.GetName().Name + ".dll"));
        }

        startInfo.ArgumentList.Add(Switch);
        startInfo.ArgumentList.Add(ChildRegistry.NameOf(child));
        foreach (string arg in args)
        {
            startInfo.ArgumentList.Add(arg);
        }

        configure?.Invoke(startInfo);
        return new ChildProcess(startInfo);
    }

    /// <summary>The next line of the child's standard output, or null when it has ended and all were read.</summary>
    public string? ReadLine(TimeSpan? limit = null)
    {
        if (TryReadLine(limit ?? DefaultLimit) is { } line)
        {
            return line;
        }

        return _lines.IsCompleted ? null : throw new TimeoutException($"The child said nothing more. {Describe()}");
    }

    /// <summary>The next line, or null if there is none yet.</summary>
    public string? TryReadLine(TimeSpan limit) => _lines.TryTake(out string? line, limit) ? line : null;

    public void WriteLine(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
    }

    /// <summary>SIGKILL, or TerminateProcess: nothing of the child runs afterwards.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Waits for the end; a child that outlives the limit is killed and fails the test.</summary>
    public ChildExit WaitForExit(TimeSpan? limit = null)
    {
        if (!_process.WaitForExit(limit ?? DefaultLimit))
        {
            _process.Kill();
            throw new TimeoutException($"The child did not end. {Describe()}");
        }

        _process.WaitForExit();
        lock (_output)
        {
            return new ChildExit(_process.ExitCode, _output.ToString(), _error.ToString());
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
        _lines.Dispose();
    }

    private void TakeOutput(string? line)
    {
        if (line is null)
        {
            _lines.CompleteAdding();
            return;
        }

        lock (_output)
        {
            _output.Append(line).Append('\n');
        }

        _lines.Add(line);
    }

    private void TakeError(string? line)
    {
        lock (_output)
        {
            _error.Append(line).Append('\n');
        }
    }

    private string Describe()
    {
        lock (_output)
        {
            return $"Its output:\n{_output}\nIts errors:\n{_error}";
        }
    }
}

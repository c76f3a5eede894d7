using System.Diagnostics;
using NUnit.Framework;
using Runtime.Tests.Support;
using Runtime.Tool;
using Runtime.Tool.Demo;

namespace Runtime.Tests.Tool;

/// <summary>What only a process of its own can show: real streams, pipes and signals.</summary>
public class KatydidProcessTests : VolumeTests
{
    [Test]
    public async Task The_built_tool_imports_and_exports_exact_bytes_through_a_pipe()
    {
        byte[] bytes = SomeBytes(2_000_003);
        string file = WriteFile("file", bytes);
        (int imported, _, string error) = await RunProcessAsync("import", file, "--container", "c", "--volume", Volume);
        Assert.That((imported, error), Is.EqualTo((0, "")));
        (int exported, byte[] output, _) = await RunProcessAsync("export", "--container", "c", "--volume", Volume, "-");
        Assert.That(exported, Is.Zero);
        Assert.That(output.AsSpan().SequenceEqual(bytes));
    }

    [Test]
    public async Task A_refusal_is_one_line_on_standard_error()
    {
        (int exitCode, byte[] output, string error) = await RunProcessAsync("list", "--volume", Volume);
        Assert.That(exitCode, Is.EqualTo(ExitCode.Failure));
        Assert.That(output, Is.Empty);
        Assert.That(error.ReplaceLineEndings("\n"), Is.EqualTo(
            $"katydid: there is no volume at '{Volume}'; 'katydid import' creates one\n"));
    }

    [Test]
    public async Task Wrong_usage_is_exit_code_2()
    {
        (int exitCode, _, string error) = await RunProcessAsync("frobnicate");
        Assert.That(exitCode, Is.EqualTo(ExitCode.Usage));
        Assert.That(error.ReplaceLineEndings("\n"), Is.EqualTo(
            "katydid: unrecognized command or argument 'frobnicate'; try 'katydid --help'\n"));
    }

    [Test, LinuxOnly]
    public async Task A_reader_that_leaves_ends_an_export_without_a_word()
    {
        await ImportAsync("c", SomeBytes(4_000_000));
        using Process process = Start("export", "--container", "c", "--volume", Volume, "-");
        byte[] first = new byte[10];
        await process.StandardOutput.BaseStream.ReadExactlyAsync(first);
        process.StandardOutput.Close();
        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.That((process.ExitCode, error), Is.EqualTo((ExitCode.Failure, "")));
    }

    [Test, LinuxOnly]
    public async Task An_interrupt_cancels()
    {
        // A shell that started us in the background has us ignore the signal, and what we start inherits that.
        ProcessStartInfo tool = KatydidProcess.StartInfo("faults", "--pages", "1000000");
        tool.ArgumentList.Insert(0, tool.FileName);
        tool.ArgumentList.Insert(0, "--default-signal=INT");
        tool.FileName = "env";
        using Process process = Process.Start(tool)!;
        await WaitUntilItFaultsAsync(process);
        using Process kill = Process.Start("kill", $"-INT {process.Id}");
        await kill.WaitForExitAsync();
        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.That((process.ExitCode, error), Is.EqualTo((ExitCode.Cancelled, "katydid: cancelled\n")));
    }

    [Test, LinuxOnly]
    public async Task An_interrupt_ends_a_watch_with_its_summary_and_leaves_nothing_behind()
    {
        ProcessStartInfo tool = KatydidProcess.StartInfo("stats", "--watch", "--budget", "1MiB");
        tool.ArgumentList.Insert(0, tool.FileName);
        tool.ArgumentList.Insert(0, "--default-signal=INT");
        tool.FileName = "env";
        tool.Environment["TMPDIR"] = Directory.CreateDirectory(PathOf("temporary")).FullName;
        using Process process = Process.Start(tool)!;
        string? header = await process.StandardOutput.ReadLineAsync();
        Assert.That(header, Does.StartWith("second "));
        using Process kill = Process.Start("kill", $"-INT {process.Id}");
        await kill.WaitForExitAsync();
        string rest = await process.StandardOutput.ReadToEndAsync();
        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.That((process.ExitCode, error), Is.EqualTo((ExitCode.Success, "")));
        Assert.That(rest, Does.Contain("\n  ran ").And.Contain("\n  faults "));
        Assert.That(Directory.EnumerateFileSystemEntries(PathOf("temporary")), Is.Empty);
    }

    [Test, LinuxOnly]
    public async Task Output_goes_into_a_file_after_what_others_wrote()
    {
        string file = PathOf("log");
        string tool = KatydidProcess.StartInfo().FileName;
        string script = $"{{ echo before; \"{tool}\" --version; echo after; }} > \"{file}\"";
        using Process shell = Process.Start("sh", ["-c", script]);
        await shell.WaitForExitAsync();
        string[] lines = await File.ReadAllLinesAsync(file);
        Assert.That(lines, Has.Length.EqualTo(3));
        Assert.That((lines[0], lines[2]), Is.EqualTo(("before", "after")));
    }

    /// <summary>The signal must arrive while the verb runs, not before its handler is in place.</summary>
    private static async Task WaitUntilItFaultsAsync(Process process)
    {
        const string Section = "memfd:katydid";
        while (!process.HasExited
            && !(await File.ReadAllTextAsync($"/proc/{process.Id}/maps")).Contains(Section, StringComparison.Ordinal))
        {
            await Task.Yield();
        }
    }

    private static Process Start(params string[] args) => Process.Start(KatydidProcess.StartInfo(args))!;

    private static async Task<(int ExitCode, byte[] Output, string Error)> RunProcessAsync(params string[] args)
    {
        using Process process = Start(args);
        using var output = new MemoryStream();
        Task<string> error = process.StandardError.ReadToEndAsync();
        await process.StandardOutput.BaseStream.CopyToAsync(output);
        await process.WaitForExitAsync();
        return (process.ExitCode, output.ToArray(), await error);
    }
}

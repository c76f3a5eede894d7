using NUnit.Framework;
using Runtime.Tool.Output;
using Spectre.Console;

namespace Runtime.Tests.Tool.Output;

public class ToolConsoleTests
{
    [Test]
    public void A_complaint_is_one_line_whatever_its_message()
    {
        using var error = new StringWriter { NewLine = "\n" };
        using ToolConsole console = ToolConsole.ForStreams(Stream.Null, error);
        console.Complain("one\r\ntwo\nthree\n");
        Assert.That(error.ToString(), Is.EqualTo("katydid: one two three\n"));
    }

    [Test]
    public void A_redirected_table_is_not_folded()
    {
        using var output = new MemoryStream();
        using ToolConsole console = ToolConsole.ForStreams(output, TextWriter.Null);
        string name = new('n', 255);
        console.Screen.Write(Tables.Create("name").AddRow(name));
        console.Output.Flush();
        Assert.That(System.Text.Encoding.UTF8.GetString(output.ToArray()), Does.Contain(name));
    }

    [Test]
    public async Task Work_runs_without_a_terminal_to_show_its_progress_on()
    {
        using ToolConsole console = ToolConsole.ForStreams(Stream.Null, TextWriter.Null);
        int result = 0;
        await console.WithProgressAsync("work", total: 0, progress =>
        {
            progress.Report(0);
            result = 42;
            return Task.CompletedTask;
        });
        Assert.That(result, Is.EqualTo(42));
    }
}

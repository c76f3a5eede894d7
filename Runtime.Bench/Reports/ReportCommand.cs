using System.CommandLine;

namespace Runtime.Bench.Reports;

/// <summary>The verb <c>report</c>: samples in, docs/results.md out.</summary>
internal static class ReportCommand
{
    internal static Command Create()
    {
        var samples = new Argument<FileInfo>("samples") { Description = "Lines of JSON, as all sides print them." };
        var measuredBy = new Option<string>("--command") { Description = "What was run.", Required = true };
        var commit = new Option<string>("--commit") { Description = "What it was run on.", Required = true };
        var tests = new Option<FileInfo?>("--tests") { Description = "NUnit's result file of the newest test run." };
        samples.AcceptExistingOnly();

        var command = new Command("report", "Writes the report on a run to standard output.")
        {
            samples, measuredBy, commit, tests,
        };
        command.SetAction(arguments =>
        {
            var results = new Results(
                File.ReadLines(arguments.GetRequiredValue(samples).FullName).Select(Sample.Parse));
            new ReportWriter(Console.Out, results, TestOutputs.Read(arguments.GetValue(tests)))
                .Write(arguments.GetRequiredValue(measuredBy), arguments.GetRequiredValue(commit));
        });
        return command;
    }
}

namespace Runtime.Bench.Reports;

/// <content>The table on invocation.</content>
internal sealed partial class ReportWriter
{
    private void WriteInvocations()
    {
        Heading("Invoking another container");
        output.WriteLine(
            """
            There and back with a block of bytes, which the other side gets by value and returns: by `KmoInvoke` and
            `KmoReturn`, by two invocations that do not nest, or by the host program, whose every call is a locus.
            Beside it what .NET offers for handing work over: a delegate that copies the block, two channels to another
            thread and back, a Unix-domain socket (at least one byte).
            """);
        output.WriteLine();
        Table(
            ["block", "who", "ns", "× delegate", "× Channel", "× Unix socket", "bytes allocated"],
            results.Where(sample => sample.Topic == Topics.Invocation).Select(series => new[]
            {
                series.Subject.Workload,
                series.Who,
                Text(series.Ns, "F0"),
                Text(Peers.Over(results, series, Peers.Delegate)),
                Text(Peers.Over(results, series, Peers.Channel)),
                Text(Peers.Over(results, series, Peers.Socket)),
                series.AllocatedBytes is long bytes ? Text(bytes) : "–",
            }));
    }
}

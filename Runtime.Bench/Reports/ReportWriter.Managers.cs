namespace Runtime.Bench.Reports;

/// <content>The tables on mappings and managers.</content>
internal sealed partial class ReportWriter
{
    private void WriteMappings()
    {
        Heading("Faults through mappings");
        output.WriteLine(
            """
            A page of a container that reads as zeroes is touched first through a container in which others show it, one
            in the other. The fault is the owner's in any case.
            """);
        output.WriteLine();
        Table(
            ["what", "who", "ns", "× unmapped", "bytes allocated"],
            results.Where(sample => sample.Topic == Topics.Mapping).Select(series => new[]
            {
                series.Subject.Workload,
                series.Who,
                Text(series.Ns, "F0"),
                Text(Peers.Over(results, series, Peers.Unmapped)),
                series.AllocatedBytes is long bytes ? Text(bytes) : "–",
            }));
    }

    private void WriteRemote()
    {
        Heading("A remote file");
        output.WriteLine(
            """
            A file behind HTTP on the same machine, whose server waits 5 ms before each answer; read page by page, in
            order. A fault asks for 64 KiB, and so does the client beside it. Hits: pages that were in memory when they
            were touched.
            """);
        output.WriteLine();
        Table(
            ["what", "who", "pages per second", "× HttpClient", "hits"],
            results.Where(sample => sample.Topic == Topics.Remote).Select(series => new[]
            {
                series.Subject.Workload,
                series.Who,
                Text(NsPerSecond / series.Ns, "N0"),
                Text(Peers.RateOver(results, series, Peers.Client)),
                series.Runs.Max(run => run.Hits) is long hits ? $"{hits} of {series.Runs[0].Count}" : "–",
            }));
    }
}

namespace Runtime.Bench.Reports;

/// <content>The tables on reading, snapshots, opening and limits.</content>
internal sealed partial class ReportWriter
{
    private const double NsPerMs = 1e6;
    private const double NsPerSecond = 1e9;
    private const double BytesPerMiB = 1 << 20;

    private void WriteReads()
    {
        Heading("Reading what is not in memory");
        output.WriteLine(
            """
            Every side copies each page to a buffer, one after another: all of them in order, or a sixteenth of them at
            random. Cold: the system has forgotten the file. Warm: the system has it in its memory, but nothing of it is
            mapped or resident. 1 GiB in a full run, of which the kernel may keep a quarter in memory; the peers are not
            limited. The bytes allocated are those of the volume's nodes that lead to the pages.
            """);
        output.WriteLine();
        Table(
            ["cores", "order", "who", "pages per second", "× pread", "× MemoryMappedFile", "bytes allocated per page"],
            results.Where(sample => sample.Topic == Topics.Read)
                .OrderBy(series => series.Subject.Cores)
                .ThenByDescending(series => series.Subject.Workload)
                .Select(series => new[]
                {
                    Text(series.Subject.Cores),
                    series.Subject.Workload,
                    series.Who,
                    Text(NsPerSecond / series.Ns, "N0"),
                    Text(Peers.RateOver(results, series, Peers.Pread)),
                    Text(Peers.RateOver(results, series, Peers.Mapped)),
                    Text((double?)series.AllocatedBytes / series.Runs[0].Count, "F1"),
                }));
    }

    private void WriteCuts()
    {
        Heading("Cutting");
        output.WriteLine(
            """
            For so long no thread can write. The dirty pages lie at random places; all pages of the smaller containers
            are in memory, of the largest one only the dirty ones.
            """);
        output.WriteLine();
        Table(
            ["container", "who", "ms", "least", "most"],
            results.Where(sample => sample.Topic == Topics.Cut).Select(series => new[]
            {
                series.Subject.Workload,
                series.Who,
                Text(series.Ns / NsPerMs, "F2"),
                Text(series.Runs.Min(run => run.Ns) / NsPerMs, "F2"),
                Text(series.Runs.Max(run => run.Ns) / NsPerMs, "F2"),
            }));
    }

    private void WriteDurables()
    {
        Heading("Durable snapshots");
        output.WriteLine(
            """
            The same snapshots, from the beginning of the cut until they survive power loss, threads being able to write
            after the cut. The floor appends as many bytes as are dirty to a file, in pieces of 1 MiB. The mapped file
            is flushed in place: it keeps no older version, and a crash meanwhile leaves a mixture.
            """);
        output.WriteLine();
        Table(
            ["container", "who", "ms", "× append + fdatasync", "× MemoryMappedFile.Flush", "bytes ÷ dirty bytes"],
            results.Where(sample => sample.Topic == Topics.Durable).Select(series => new[]
            {
                series.Subject.Workload,
                series.Who,
                Text(series.Ns / NsPerMs, "F2"),
                Text(Peers.Over(results, series, Peers.Append)),
                Text(Peers.Over(results, series, Peers.Flush)),
                Text(Goal.BytesOverEnough(series), "F2"),
            }));
    }

    private void WriteFirstWrites()
    {
        Heading("First writes after a snapshot");
        output.WriteLine(
            """
            A page that a cut closed is written for the first time. Copied aside: it is not saved yet, so its old
            content is kept, as after a fork. Saved before: it is clean, and only has to be opened again. The
            system copies
            without asking anybody.
            """);
        output.WriteLine();
        Table(
            ["who", "ns", "× fork", "× MAP_PRIVATE", "bytes allocated"],
            results.Where(sample => sample.Topic == Topics.FirstWrite).Select(series => new[]
            {
                series.Who,
                Text(series.Ns, "F0"),
                Text(Peers.Over(results, series, Peers.Fork)),
                Text(Peers.Over(results, series, Peers.Private)),
                series.AllocatedBytes is long bytes ? Text(bytes) : "–",
            }));
    }

    private void WriteCommits()
    {
        Heading("One page per durable commit");
        output.WriteLine(
            """
            4 KiB are written, and the thread waits until that survives power loss. Each thread has keys, or a
            container, of its own. LMDB as it comes; SQLite with a write-ahead log and full synchronisation.
            Katydid keeps every
            version, the others only the newest.
            """);
        output.WriteLine();
        Table(
            ["threads", "who", "commits per second", "ms, as a thread sees it", "× LMDB", "× SQLite"],
            results.Where(sample => sample.Topic == Topics.Commit)
                .OrderBy(series => series.Subject.Threads)
                .Select(series => new[]
                {
                    Text(series.Subject.Threads),
                    series.Who,
                    Text(NsPerSecond / series.MeanNs, "N0"),
                    Text(series.Ns / NsPerMs, "F2"),
                    Text(Peers.RateOver(results, series, Peers.Lmdb)),
                    Text(Peers.RateOver(results, series, Peers.Sqlite)),
                }));
    }

    private void WriteOpenings()
    {
        Heading("Opening a volume");
        output.WriteLine(
            """
            A kernel boots, opens the volume and one container, and reads its first page; the system has forgotten the
            volume's file before. The first opening of a process compiles the code as well, and here it makes the
            volume: that is not judged.
            """);
        output.WriteLine();
        Table(
            ["volume", "who", "ms", "most"],
            results.Where(sample => sample.Topic == Topics.Open).Select(series => new[]
            {
                series.Subject.Workload,
                series.Who,
                Text(series.Ns / NsPerMs, "F2"),
                Text(series.Runs.Max(run => run.Ns) / NsPerMs, "F2"),
            }));
    }

    private void WriteLimits()
    {
        Heading("Scale");
        output.WriteLine("All of them at once; what was written to each is read back from each.");
        output.WriteLine();
        Table(
            ["what", "who", "reached", "µs for each"],
            results.Where(sample => sample.Topic == Topics.Scale).Select(series => new[]
            {
                series.Subject.Workload,
                series.Who,
                Text(series.Runs.Min(run => run.Count)),
                Text(series.Ns / 1000, "F1"),
            }));
        Heading("Memory in use");
        output.WriteLine(
            """
            Four times as many bytes as the budget allows. The most that the system saw at any time: of sections, by
            which the goal is judged; with native memory, which has copies, but also code, stacks and tables of the
            runtime; and with what the managed heap grew by. A mapped file has no budget; its pages stay while nobody
            else wants memory.
            """);
        output.WriteLine();
        Table(
            ["who", "what it did", "budget, MiB", "most in use, MiB", "÷ budget", "µs a page"],
            results.Where(sample => sample.Topic == Topics.Memory).Select(series => new[]
            {
                series.Who,
                series.Subject.Workload,
                Text(series.Subject.EnoughBytes / BytesPerMiB, "F0"),
                Text(series.Bytes / BytesPerMiB, "F1"),
                Text(Goal.BytesOverEnough(series), "F2"),
                Text(series.Ns / 1000, "F1"),
            }));
    }
}

using System.Diagnostics;
using Microsoft.Win32.SafeHandles;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Snapshots;
using Runtime.Native;
using Runtime.Tool.Output;

namespace Runtime.Tool.Demo;

/// <summary>A step of the demo that succeeded, with what was measured in it.</summary>
internal sealed record DemoStep(
    string Name, string Did, long ReadFaults, long WriteFaults, long Upcalls, double Seconds);

/// <summary>
/// The main job: a real file through the whole product. Every kernel in it begins with empty memory; nothing passes
/// from one to the next but the volume.
/// </summary>
internal sealed class DemoRun(
    ToolConsole console, string file, string volume, TrapEngine? engine, string workspace, Action<DemoStep> report)
{
    private const string Name = "demo";

    /// <summary>Reads, or changes, the bytes that begin at an offset.</summary>
    private delegate void BytesAt(long offset, Span<byte> piece);

    private readonly long _length = new FileInfo(file).Length;
    private readonly DemoContent _content = new(new FileInfo(file).Length);

    internal async Task RunAsync(CancellationToken cancellationToken)
    {
        StateInterval imported = await ImportAsync(cancellationToken);
        await ReadBackAsync(cancellationToken);
        await PatchAsync(cancellationToken);
        DemoDeath death = await KillAsync(cancellationToken);
        await RecoverAsync(death, cancellationToken);
        await VerifyAsync(cancellationToken);
        await ExportAsync(imported, cancellationToken);
    }

    private async Task<StateInterval> ImportAsync(CancellationToken cancellationToken)
    {
        long started = Stopwatch.GetTimestamp();
        await using FileStream source = SourceFile.Open(file);
        await using Kernel kernel = await VolumeSession.OpenOrCreateAsync(volume, engine, cancellationToken);
        await using Container container = await kernel.OpenContainerAsync(
            Name, _length, cancellationToken: cancellationToken);
        await console.WithProgressAsync("import", _length, progress =>
            ContainerCopy.FromStreamAsync(source, container.View, progress, cancellationToken));
        Snapshot snapshot = await TakeDurableSnapshotAsync(container, cancellationToken);
        Report("import", $"{Format.Bytes(_length)} written, interval {snapshot.Interval} durable", container, started);
        return snapshot.Interval;
    }

    private async Task ReadBackAsync(CancellationToken cancellationToken)
    {
        long started = Stopwatch.GetTimestamp();
        await using Kernel kernel = await VolumeSession.OpenAsync(volume, engine, cancellationToken);
        await using Container container = await kernel.OpenExistingAsync(Name, version: null, cancellationToken);
        await CompareAsync("read back", container, Unchanged, cancellationToken);
        Report("read back", "by a new kernel: every byte equals the file's", container, started);
    }

    private async Task PatchAsync(CancellationToken cancellationToken)
    {
        long started = Stopwatch.GetTimestamp();
        await using Kernel kernel = await VolumeSession.OpenAsync(volume, engine, cancellationToken);
        await using Container container = await kernel.OpenExistingAsync(Name, version: null, cancellationToken);
        byte[] patch = _content.Patch;
        container.View.Write(_content.PatchOffset, patch);
        Snapshot snapshot = await TakeDurableSnapshotAsync(container, cancellationToken);
        Report(
            "patch",
            $"{Format.Count(patch.Length, "byte")} at {Format.Count(_content.PatchOffset)}, " +
            $"{Format.Count(snapshot.Info.PagesChanged, "page")} changed, interval {snapshot.Interval} durable",
            container,
            started);
    }

    private async Task<DemoDeath> KillAsync(CancellationToken cancellationToken)
    {
        long started = Stopwatch.GetTimestamp();
        DemoDeath death = await DemoVictim.RunAsync(volume, Name, engine, cancellationToken);
        string means = OperatingSystem.IsWindows() ? "TerminateProcess" : "SIGKILL";
        Report(
            "kill",
            $"a child wrote {Format.Count(_content.StampCount, "page")} a round until {means} ended it (exit code " +
            $"{death.ExitCode}): round {death.DurableRound} durable as interval {death.DurableInterval}, " +
            $"round {death.DurableRound + 1} {(death.IsNextHalfWritten ? "half written" : "begun")}",
            container: null,
            started);
        return death;
    }

    private async Task RecoverAsync(DemoDeath death, CancellationToken cancellationToken)
    {
        long started = Stopwatch.GetTimestamp();
        await using Kernel kernel = await VolumeSession.OpenAsync(volume, engine, cancellationToken);
        await using Container container = await kernel.OpenExistingAsync(Name, version: null, cancellationToken);
        TimeSpan opened = Stopwatch.GetElapsedTime(started);
        StateInterval newest = kernel.History(Name)[^1].Interval;

        // It may have been killed between making the next round durable and saying so, but neither earlier nor later.
        long roundsMore = (long)(newest.Value - death.DurableInterval.Value);
        if (roundsMore is not (0 or 1))
        {
            throw new RefusedException(
                $"recover: interval {death.DurableInterval} was durable, but the newest is {newest}");
        }

        long round = death.DurableRound + roundsMore;
        await CompareAsync("recover", container, ApplyRound, cancellationToken);
        Report(
            "recover",
            $"opened in {Format.Duration(opened)} at interval {newest}: every byte is that of round {round}, " +
            $"none of a later one",
            container,
            started);

        void ApplyRound(long offset, Span<byte> piece) => _content.Apply(offset, piece, round);
    }

    private async Task VerifyAsync(CancellationToken cancellationToken)
    {
        long started = Stopwatch.GetTimestamp();
        VerifyReport found = await VolumeCheck.RunAsync(console, volume, repairs: [], cancellationToken);
        if (found.Damaged is [DamagedBlock first, ..])
        {
            throw new RefusedException($"verify: {first.Problem}");
        }

        Report(
            "verify",
            $"{Format.Count(found.Blocks, "block")} read, {Format.Count(found.Pages)} of them pages: " +
            "every checksum is right",
            container: null,
            started);
    }

    private async Task ExportAsync(StateInterval imported, CancellationToken cancellationToken)
    {
        long started = Stopwatch.GetTimestamp();
        await using Kernel kernel = await VolumeSession.OpenAsync(volume, engine, cancellationToken);
        await using Container container = await kernel.OpenExistingAsync(Name, imported, cancellationToken);
        string exported = Path.Combine(workspace, "export");
        await OutputFile.WriteAsync(exported, CopyAsync, cancellationToken);
        using SafeFileHandle copy = File.OpenHandle(exported);
        await CompareAsync("export", RandomAccess.GetLength(copy), ReadCopy, Unchanged, cancellationToken);
        Report("export", $"interval {imported} into a file: byte by byte the original", container, started);

        Task CopyAsync(Stream stream) =>
            ContainerCopy.ToStreamAsync(container.View, stream, ProgressReceiver<long>.Nobody, cancellationToken);

        void ReadCopy(long offset, Span<byte> piece)
        {
            if (RandomAccess.Read(copy, piece, offset) != piece.Length)
            {
                throw new RefusedException("export: the file became shorter");
            }
        }
    }

    private static void Unchanged(long offset, Span<byte> piece)
    {
    }

    private static async Task<Snapshot> TakeDurableSnapshotAsync(
        Container container, CancellationToken cancellationToken)
    {
        Snapshot snapshot = await container.SnapshotAsync(cancellationToken);
        await snapshot.WaitForDurableAsync(cancellationToken);
        return snapshot;
    }

    private Task CompareAsync(string step, Container container, BytesAt expect, CancellationToken cancellationToken) =>
        CompareAsync(step, container.Length, container.View.Read, expect, cancellationToken);

    /// <summary>Compares with the file's bytes after <paramref name="expect"/> has changed them.</summary>
    private async Task CompareAsync(
        string step, long length, BytesAt read, BytesAt expect, CancellationToken cancellationToken)
    {
        if (length != _length)
        {
            throw new RefusedException($"{step}: {Format.Bytes(length)} instead of {Format.Bytes(_length)}");
        }

        byte[] expected = new byte[1 << 20];
        byte[] found = new byte[expected.Length];
        await using FileStream source = SourceFile.Open(file);
        for (long offset = 0; offset < length; offset += expected.Length)
        {
            int count = (int)Math.Min(expected.Length, length - offset);
            await source.ReadExactlyAsync(expected.AsMemory(0, count), cancellationToken);
            expect(offset, expected.AsSpan(0, count));
            read(offset, found.AsSpan(0, count));
            int same = expected.AsSpan(0, count).CommonPrefixLength(found.AsSpan(0, count));
            if (same < count)
            {
                throw new RefusedException($"{step}: wrong byte at offset {Format.Count(offset + same)}");
            }
        }
    }

    private void Report(string step, string did, Container? container, long started)
    {
        ContainerStatistics statistics = container?.Statistics ?? default;
        report(new DemoStep(
            step,
            did,
            statistics.ReadFaults,
            statistics.WriteFaults,
            statistics.Upcalls,
            Stopwatch.GetElapsedTime(started).TotalSeconds));
    }
}

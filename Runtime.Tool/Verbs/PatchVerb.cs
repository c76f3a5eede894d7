using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Snapshots;
using Runtime.Tool.Arguments;
using Runtime.Tool.Output;

namespace Runtime.Tool.Verbs;

/// <summary>What <c>patch</c> did.</summary>
internal sealed record PatchReport(string Container, long Offset, int Bytes, long PagesChanged, ulong Interval);

/// <summary><c>patch --container NAME --offset N (--text T | --hex H)</c>: a few bytes, durably.</summary>
internal static class PatchVerb
{
    internal static Verb Create(ToolConsole console, VolumeOption volume)
    {
        var container = new ContainerOption("The container to change.");
        var offset = new OffsetOption("Where the first byte goes; decimal, or hexadecimal as 0x1f00.");
        var bytes = new BytesOptions("What to write");
        var json = new JsonOption();
        var verb = new Verb("patch", "Overwrite bytes of a container and make a snapshot durable.")
        {
            Notes = ["A container does not grow: bytes that reach beyond its end are refused."],
            Examples =
            [
                "patch --container notes --offset 100 --text 'hello'",
                "patch --container image --offset 0x1fe --hex '55 aa'",
            ],
        };
        verb.Options.Add(container);
        verb.Options.Add(offset);
        bytes.AddTo(verb);
        verb.Options.Add(json);
        verb.SetAction(async (command, cancellationToken) =>
        {
            PatchReport report = await RunAsync(
                volume.Resolve(command),
                container.Get(command),
                offset.Get(command),
                bytes.Get(command),
                cancellationToken);
            if (json.Get(command))
            {
                console.WriteJson(report, ToolJson.Printed.PatchReport);
                return ExitCode.Success;
            }

            console.Output.WriteLine(
                $"patched {Format.Count(report.Bytes, "byte")} at {Format.Count(report.Offset)} of " +
                $"'{report.Container}': {Format.Count(report.PagesChanged, "page")}, " +
                $"interval {report.Interval} durable");
            return ExitCode.Success;
        });
        return verb;
    }

    private static async Task<PatchReport> RunAsync(
        string volume, string name, long offset, byte[] bytes, CancellationToken cancellationToken)
    {
        await using Kernel kernel = await VolumeSession.OpenAsync(volume, cancellationToken);
        await using Container container = await kernel.OpenExistingAsync(name, version: null, cancellationToken);
        if (offset > container.Length - bytes.Length)
        {
            throw new RefusedException(
                $"{Format.Count(bytes.Length, "byte")} at offset {Format.Count(offset)} would end beyond '{name}', " +
                $"which has {Format.Count(container.Length, "byte")}");
        }

        container.View.Write(offset, bytes);
        Snapshot snapshot = await container.SnapshotAsync(cancellationToken);
        await snapshot.WaitForDurableAsync(cancellationToken);
        return new PatchReport(name, offset, bytes.Length, snapshot.Info.PagesChanged, snapshot.Interval.Value);
    }
}

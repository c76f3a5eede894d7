using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Snapshots;
using Runtime.Native;
using Runtime.Tool.Arguments;
using Runtime.Tool.Demo;
using Runtime.Tool.Output;

namespace Runtime.Tool.Verbs;

/// <summary>The process that <c>demo</c> kills: writes round after round and says how far it is.</summary>
internal static class DemoWriterVerb
{
    internal const string Name = "demo-writer";

    // Only so that it ends at all if its parent does not live to kill it.
    private const long MaximumRounds = 1_000;

    internal static Verb Create(ToolConsole console, VolumeOption volume)
    {
        var container = new ContainerOption("The container to write.");
        var verb = new Verb(Name, "Write until killed; a part of demo.") { Hidden = true, Examples = [] };
        var engine = new EngineOption();
        verb.Options.Add(container);
        verb.Options.Add(engine);
        verb.SetAction((command, cancellationToken) => RunAsync(
            console, volume.Resolve(command), container.Get(command), engine.Get(command), cancellationToken));
        return verb;
    }

    private static async Task<int> RunAsync(
        ToolConsole console, string volume, string name, TrapEngine? engine, CancellationToken cancellationToken)
    {
        await using Kernel kernel = await VolumeSession.OpenAsync(volume, engine, cancellationToken);
        await using Container container = await kernel.OpenExistingAsync(name, version: null, cancellationToken);
        var content = new DemoContent(container.Length);
        for (long round = 1; round <= MaximumRounds; round++)
        {
            int half = content.StampCount / 2;
            Write(container.View, content, 0, half, round);
            Say(DemoProgress.HalfWritten(round));
            Write(container.View, content, half, content.StampCount, round);
            Snapshot snapshot = await container.SnapshotAsync(cancellationToken);
            await snapshot.WaitForDurableAsync(cancellationToken);
            Say(DemoProgress.Durable(round, snapshot.Interval));
        }

        return ExitCode.Success;

        void Say(DemoProgress progress)
        {
            console.Output.WriteLine(progress.ToLine());
            console.Output.Flush();
        }
    }

    private static void Write(ContainerView view, DemoContent content, int from, int to, long round)
    {
        for (int index = from; index < to; index++)
        {
            view.Write(content.StampOffset(index), content.Stamp(index, round));
        }
    }
}

using System.Globalization;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Tool.Arguments;
using Runtime.Tool.Output;

namespace Runtime.Tool.Verbs;

/// <summary><c>search (--text T | --hex H) --container NAME</c>: where bytes stand.</summary>
internal static class SearchVerb
{
    internal static Verb Create(ToolConsole console, VolumeOption volume)
    {
        var container = new ContainerOption("The container to search.");
        var pattern = new BytesOptions("What to look for");
        var at = new IntervalOption("The version to search; by default what the container now holds.");
        var json = new JsonOption();
        var verb = new Verb("search", "Print the byte offset of every occurrence, one per line, ascending.")
        {
            Notes = ["Occurrences may overlap. Finding none is no failure."],
            Examples = ["search --container notes --text cat", "search --container image --hex '7f 45 4c 46' --json"],
        };
        verb.Options.Add(container);
        pattern.AddTo(verb);
        verb.Options.Add(at);
        verb.Options.Add(json);
        verb.SetAction((command, cancellationToken) => RunAsync(
            console,
            volume.Resolve(command),
            container.Get(command),
            at.Get(command),
            pattern.Get(command),
            json.Get(command),
            cancellationToken));
        return verb;
    }

    private static async Task<int> RunAsync(
        ToolConsole console,
        string volume,
        string name,
        StateInterval? at,
        byte[] pattern,
        bool json,
        CancellationToken cancellationToken)
    {
        await using Kernel kernel = await VolumeSession.BootToReadAsync(volume, cancellationToken);
        await using Container container = await kernel.OpenExistingAsync(name, at, cancellationToken);
        IEnumerable<long> offsets = PatternSearch.FindAll(container.View, pattern, cancellationToken);
        if (json)
        {
            console.WriteJson([.. offsets], ToolJson.Printed.Int64Array);
            return ExitCode.Success;
        }

        foreach (long offset in offsets)
        {
            // For other programs to read: no separators here.
            console.Output.WriteLine(offset.ToString(CultureInfo.InvariantCulture));
        }

        return ExitCode.Success;
    }
}

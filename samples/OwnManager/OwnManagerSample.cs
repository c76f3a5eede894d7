using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Snapshots;
using Runtime.Core.Tracing;
using Runtime.Stores;

namespace OwnManager;

/// <summary>A container that a manager of one's own keeps: what docs/writing-a-manager.md shows traces of.</summary>
internal static class OwnManagerSample
{
    private const long Length = 1 << 30;
    private const long Counter = 0x1000;
    private const long CounterThen = 0x2000;

    // The least that a kernel takes: there memory comes in pieces of 1 MiB, here in pages.
    private static readonly long s_budget = OperatingSystem.IsWindows() ? 64 << 20 : 1 << 20;

    /// <summary>Counts how often it was run on a volume.</summary>
    /// <returns>Whether everything that was written could be read again.</returns>
    internal static async Task<bool> RunAsync(
        string volume, TextWriter output, ManagerTrace? trace = null, CancellationToken cancellationToken = default)
    {
        var options = new KernelOptions { Volume = volume, MemoryBudget = s_budget, Trace = trace };
        options.Managers.Add("log", () => new LogManager(Path.Combine(volume, "pages")));
        await using Kernel kernel = await Kernel.BootAsync(options, cancellationToken);
        Container notes = await kernel.OpenContainerAsync(
            "notes", Length, manager: "log", cancellationToken: cancellationToken);
        output.WriteLine($"a read: the counter is {notes.View.Read<long>(Counter)}");

        long counter = notes.View.Read<long>(Counter) + 1;
        notes.View.Write(Counter, counter);
        await CutAsync(notes, cancellationToken);
        notes.View.Write(Counter, counter + 1);
        notes.View.Write(Counter, counter);
        notes.View.Write(CounterThen, counter);
        await CutAsync(notes, cancellationToken);
        output.WriteLine($"two cuts, and writes after them: the counter is {counter}");

        long pages = s_budget / PageNumber.Size;
        for (long page = 0; page < pages; page++)
        {
            notes.View.Read<byte>((pages + page) * PageNumber.Size);
        }

        bool isSound = notes.View.Read<long>(Counter) == counter && notes.View.Read<long>(CounterThen) == counter;
        output.WriteLine($"{pages} more pages, and {notes.Statistics.Evictions} left memory for them");
        output.WriteLine(isSound ? "all is as it was written" : "something is missing");
        return isSound;
    }

    private static async Task CutAsync(Container container, CancellationToken cancellationToken)
    {
        Snapshot snapshot = await container.SnapshotAsync(cancellationToken);
        await snapshot.WaitForDurableAsync(cancellationToken);
    }
}

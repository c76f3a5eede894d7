using System.Globalization;
using Runtime.Bench.Storage;
using Runtime.Core;
using Runtime.Core.Containers;

namespace Runtime.Bench.Openings;

/// <summary>A volume that is large in some way.</summary>
/// <param name="Workload">In which.</param>
/// <param name="Prepare">Makes its content.</param>
internal sealed record OpenPlan(string Workload, Action<Store> Prepare)
{
    /// <summary>The container that is opened in each.</summary>
    internal const string ContainerName = "bench";

    private const long Gigabyte = 1L << 30;

    internal static IReadOnlyList<OpenPlan> All(bool isQuick) => isQuick
        ? [Empty, Full(128), Scattered(10_000), Containers(1_000), Versions(200)]
        : [Empty, Full(1024), Scattered(100_000), Containers(10_000), Versions(2_000)];

    private static OpenPlan Empty { get; } = new("one page", store => Make(store, length: 4096, pages: 1, stride: 1));

    private static OpenPlan Full(int megabytes) => new(
        Invariant($"{megabytes:N0} MiB in one container"),
        store => Make(store, (long)megabytes << 20, (megabytes << 20) / PageNumber.Size, stride: 1));

    private static OpenPlan Scattered(int pages) => new(
        Invariant($"1 TiB, sparse, with {pages:N0} pages"),
        store => Make(store, 1024 * Gigabyte, pages, stride: 1024 * Gigabyte / PageNumber.Size / pages));

    private static OpenPlan Containers(int count) => new(
        Invariant($"{count:N0} containers"),
        store =>
        {
            Make(store, length: 4096, pages: 1, stride: 1);
            for (int i = 0; i < count; i++)
            {
                store.Volume.Create($"{ContainerName} {i}", length: 65536, manager: "snapshotting");
            }
        });

    private static OpenPlan Versions(int count) => new(
        Invariant($"{count:N0} versions"),
        store =>
        {
            Container container = Make(store, length: 1 << 20, pages: 1, stride: 1);
            for (int i = 0; i < count; i++)
            {
                container.View.Write(i % 256 * 4096L, (long)i);
                container.TakeSnapshot();
            }
        });

    private static Container Make(Store store, long length, int pages, long stride)
    {
        Container container = store.Kernel.OpenContainer(ContainerName, length);
        for (int i = 0; i < pages; i++)
        {
            container.View.Write(i * stride * PageNumber.Size, i + 1L);
        }

        container.TakeSnapshot().WaitForDurable();
        return container;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

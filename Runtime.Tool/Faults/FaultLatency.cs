using System.Diagnostics;
using Runtime.Core;
using Runtime.Core.Containers;

namespace Runtime.Tool.Faults;

/// <summary>Measures first touches of pages, each with a fault and an upcall of its own.</summary>
internal static class FaultLatency
{
    // Enough for the code to be compiled as it will stay and for pager threads to exist.
    private const int WarmUpPages = 128;

    /// <summary>Touches <paramref name="pages"/> absent pages of a new container, one after the other.</summary>
    internal static LatencyHistogram Measure(
        Kernel kernel, TouchWay way, int pages, IProgress<double> progress, CancellationToken cancellationToken)
    {
        using Container container = kernel.OpenContainer(way.Name, (long)(WarmUpPages + pages) * PageNumber.Size);
        long[] nanoseconds = new long[pages];
        for (int page = -WarmUpPages; page < pages; page++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            long offset = (long)(page + WarmUpPages) * PageNumber.Size;
            long started = Stopwatch.GetTimestamp();
            way.Touch(container.View, offset);
            TimeSpan elapsed = Stopwatch.GetElapsedTime(started);
            if (page >= 0)
            {
                nanoseconds[page] = (long)elapsed.TotalNanoseconds;
                ReportNowAndThen(page + 1, pages, progress);
            }
        }

        RequireEveryPageSupplied(container, way);
        return new LatencyHistogram(nanoseconds);
    }

    /// <summary>Every report takes a lock that the drawing thread also takes.</summary>
    private static void ReportNowAndThen(int done, int total, IProgress<double> progress)
    {
        if (done % 256 == 0)
        {
            progress.Report((double)done / total);
        }
    }

    /// <summary>A way that never called the manager would measure nothing, and fast.</summary>
    private static void RequireEveryPageSupplied(Container container, TouchWay way)
    {
        long pages = PageNumber.CountFor(container.Length);
        if (container.Statistics.Upcalls != pages)
        {
            throw new RefusedException($"{way.Name}: {pages} pages, but {container.Statistics.Upcalls} upcalls");
        }

        for (long offset = 0; offset < container.Length; offset += PageNumber.Size)
        {
            if (container.View.Read<long>(offset) != NumberedPagesManager.ExpectedAt(offset))
            {
                throw new RefusedException($"{way.Name}: wrong bytes at offset {offset}");
            }
        }
    }
}

using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using Runtime.Core;
using Runtime.Core.Containers;

namespace Runtime.Bench.Resident;

/// <summary>A loop over every value, as plain as it can be written.</summary>
public class TightLoop : ResidentMemory
{
    private const string Reading = "tight loop";
    private const int Count = Bytes / sizeof(long);

    private Lease? _lease;

    /// <summary>Opens the container and leases all of it.</summary>
    [GlobalSetup(Target = nameof(SumLease))]
    public void SetUpLease()
    {
        OpenContainer();
        _lease = View.Lease(0, Bytes, Access.Read);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        ((IDisposable?)_lease)?.Dispose();
        base.Dispose(disposing);
    }

    [Peer(Reading, "array", Count)]
    public long SumArray()
    {
        long sum = 0;
        foreach (long value in Array)
        {
            sum += value;
        }

        return sum;
    }

    [Peer(Reading, "Katydid", Count, Way = "lease")]
    public long SumLease()
    {
        long sum = 0;
        foreach (long value in MemoryMarshal.Cast<byte, long>(_lease!.Span))
        {
            sum += value;
        }

        return sum;
    }
}

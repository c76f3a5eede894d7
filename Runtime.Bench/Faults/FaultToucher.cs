using System.Runtime.InteropServices;
using Runtime.Core;
using Runtime.Native;

namespace Runtime.Bench.Faults;

/// <summary>One way of touching a page; the way decides how its fault is served.</summary>
internal abstract unsafe partial class FaultToucher
{
    internal static IReadOnlyDictionary<string, Func<FaultToucher>> Ways { get; } =
        new Dictionary<string, Func<FaultToucher>>
        {
            ["accessor"] = () => new Accessor(),
            ["native section"] = () => new NativeSection(),
            ["raw managed"] = () => new RawManaged(),
            ["unmarked native"] = () => new UnmarkedNative(),
        };

    /// <summary>
    /// Writes one byte to each of <paramref name="count"/> pages, <paramref name="stride"/> pages apart.
    /// </summary>
    internal abstract void Touch(byte* first, nint count, nint stride);

    private sealed class Accessor : FaultToucher
    {
        internal override void Touch(byte* first, nint count, nint stride)
        {
            for (nint page = 0; page < count; page++)
            {
                int status = Accessors.Store8(first + (page * stride * PageNumber.Size), 1);
                if (status != 0)
                {
                    throw new InvalidOperationException($"a fault failed with status {status}");
                }
            }
        }
    }

    private sealed class NativeSection : FaultToucher
    {
        internal override void Touch(byte* first, nint count, nint stride)
        {
            using (Trap.NativeSection())
            {
                touch_pages(first, (nuint)count, (nuint)stride);
            }
        }
    }

    private sealed class RawManaged : FaultToucher
    {
        internal override void Touch(byte* first, nint count, nint stride)
        {
            for (nint page = 0; page < count; page++)
            {
                Volatile.Write(ref first[page * stride * PageNumber.Size], 1);
            }
        }
    }

    private sealed class UnmarkedNative : FaultToucher
    {
        internal override void Touch(byte* first, nint count, nint stride) =>
            touch_pages(first, (nuint)count, (nuint)stride);
    }

    // Peers/touch.c, which scripts/bench.sh builds beside this program: the very loop that the peers run.
    [LibraryImport("katydid_touch")]
    private static partial void touch_pages(byte* first, nuint count, nuint stride);
}

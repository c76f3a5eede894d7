using System.Runtime.InteropServices;
using Runtime.Core.Containers;
using Runtime.Core.Loci;

namespace Bank;

/// <summary>
/// A container of all transfers, in the order in which they were noted; the first 8 bytes say how many.
/// </summary>
internal static class Ledger
{
    internal const string Name = "bank.ledger";
    internal const string Entry = "bank.ledger/1";

    private const int First = 16;

    internal static Step Serve(StepContext locus)
    {
        if (((Rights)locus.UserRights & Rights.Append) == 0)
        {
            return locus.Return(new Reply(Answer.NotAllowed).AsBlock());
        }

        if (locus.InArguments.Length != Marshal.SizeOf<Transfer>())
        {
            return locus.Return(new Reply(Answer.Failed).AsBlock());
        }

        long line = TakeLine(locus.View);
        locus.View.Write(OffsetOf(line), MemoryMarshal.Read<Transfer>(locus.InArguments));
        return locus.Return(new Reply(Answer.Done).AsBlock());
    }

    /// <summary>For the host program, which owns the volume and may look at everything.</summary>
    internal static IEnumerable<Transfer> Read(Container ledger)
    {
        long lines = ledger.View.Read<long>(0);
        for (long line = 0; line < lines; line++)
        {
            yield return ledger.View.Read<Transfer>(OffsetOf(line));
        }
    }

    private static long TakeLine(ContainerView view)
    {
        while (true)
        {
            long lines = view.Read<long>(0);
            if (view.CompareExchange(0, lines + 1, lines) == lines)
            {
                return lines;
            }
        }
    }

    private static long OffsetOf(long line) => First + (line * Marshal.SizeOf<Transfer>());
}

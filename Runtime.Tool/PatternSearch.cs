using Runtime.Core.Containers;

namespace Runtime.Tool;

/// <summary>Finds bytes in a container piece by piece, so that a search of a terabyte can be cancelled.</summary>
internal static class PatternSearch
{
    private const int PieceBytes = 1 << 20;

    /// <summary>The offsets of all occurrences, overlapping ones included, ascending.</summary>
    internal static IEnumerable<long> FindAll(ContainerView view, byte[] pattern, CancellationToken cancellationToken)
    {
        byte[] piece = new byte[PieceBytes + pattern.Length - 1];
        for (long start = 0; start <= view.Length - pattern.Length; start += PieceBytes)
        {
            cancellationToken.ThrowIfCancellationRequested();

            // Pieces overlap by one byte less than the pattern: an occurrence lies whole in exactly one of them.
            int count = (int)Math.Min(piece.Length, view.Length - start);
            view.Read(start, piece.AsSpan(0, count));
            int from = 0;
            while (piece.AsSpan(from, count - from).IndexOf(pattern) is >= 0 and int found)
            {
                yield return start + from + found;
                from += found + 1;
            }
        }
    }
}

using System.Buffers;

namespace Runtime.Core.Containers;

/// <summary>Searching a container.</summary>
public sealed partial class ContainerView
{
    private const int SearchBytes = 1 << 16;

    /// <summary>The first offset at or after <paramref name="start"/> where the bytes stand, or -1.</summary>
    /// <param name="pattern">1 to 65,536 bytes.</param>
    /// <param name="start">0 to <see cref="Length"/>.</param>
    /// <param name="cancellationToken">Looked at between stretches of 64 KiB.</param>
    public long IndexOf(ReadOnlySpan<byte> pattern, long start = 0, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfZero(pattern.Length, nameof(pattern));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pattern.Length, SearchBytes, nameof(pattern));
        CheckRange(start, 0);

        // Copied stretch by stretch by an accessor: raw reads by the runtime's own search could fault in managed code.
        // A stretch begins again by what the pattern may have in the one before.
        byte[] buffer = ArrayPool<byte>.Shared.Rent(SearchBytes + pattern.Length - 1);
        try
        {
            for (long offset = start; offset <= Length - pattern.Length; offset += SearchBytes)
            {
                cancellationToken.ThrowIfCancellationRequested();
                int length = (int)Math.Min(SearchBytes + pattern.Length - 1, Length - offset);
                Span<byte> stretch = buffer.AsSpan(0, length);
                Read(offset, stretch);
                int found = stretch.IndexOf(pattern);
                if (found >= 0)
                {
                    return offset + found;
                }
            }

            return -1;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}

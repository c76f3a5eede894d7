using Runtime.Core.Containers;

namespace Runtime.Tool;

/// <summary>Copies between streams and a container's window in pieces, so that neither need fit in memory.</summary>
internal static class ContainerCopy
{
    private const int PieceBytes = 1 << 20;

    /// <summary>Fills the container from the stream, which must have exactly its length.</summary>
    internal static async Task FromStreamAsync(
        Stream source, ContainerView destination, IProgress<long> progress, CancellationToken cancellationToken)
    {
        byte[] piece = new byte[PieceBytes];
        for (long offset = 0; offset < destination.Length;)
        {
            int count = (int)Math.Min(PieceBytes, destination.Length - offset);
            int read = await source.ReadAtLeastAsync(
                piece.AsMemory(0, count), count, throwOnEndOfStream: false, cancellationToken);
            if (read < count)
            {
                throw new RefusedException("the file became shorter while it was read");
            }

            destination.Write(offset, piece.AsSpan(0, count));
            offset += count;
            progress.Report(offset);
        }

        if (await source.ReadAsync(piece.AsMemory(0, 1), cancellationToken) != 0)
        {
            throw new RefusedException("the file became longer while it was read");
        }
    }

    /// <summary>Writes the container's bytes, all of them and nothing else, to the stream.</summary>
    internal static async Task ToStreamAsync(
        ContainerView source, Stream destination, IProgress<long> progress, CancellationToken cancellationToken)
    {
        byte[] piece = new byte[PieceBytes];
        for (long offset = 0; offset < source.Length;)
        {
            int count = (int)Math.Min(PieceBytes, source.Length - offset);
            source.Read(offset, piece.AsSpan(0, count));
            await destination.WriteAsync(piece.AsMemory(0, count), cancellationToken);
            offset += count;
            progress.Report(offset);
        }
    }
}

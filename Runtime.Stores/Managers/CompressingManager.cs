using Runtime.Core.Containers;
using Runtime.Core.Storage;

namespace Runtime.Stores.Managers;

/// <summary>Keeps containers compressed in those of another manager: sixteen pages at a time, by Brotli.</summary>
/// <remarks>
/// Thread safe. A unit of sixteen pages takes as many pages as its compressed form fills, at a place of its own that is
/// as large as the unit; the rest of the place is never written, or zeroes, and takes no room on a volume. What does
/// not become smaller stays as it is.
/// </remarks>
public sealed class CompressingManager : LayerManager
{
    private readonly int _quality;

    /// <summary>Creates the manager.</summary>
    public CompressingManager(CompressingOptions? options = null)
        : base(options ??= new CompressingOptions(), UnitCompression.Shape, LayerFormat.Compressing) =>
        _quality = options.Quality;

    private protected override LayerCodec CreateCodec(
        ContainerRecord container, Container backing, LayerHeader header) =>
        new UnitCompression(container.Name, backing, _quality);
}

namespace Runtime.Stores.Managers;

/// <summary>How a <see cref="CompressingManager"/> compresses.</summary>
public sealed record CompressingOptions : LayerOptions
{
    /// <summary>Brotli's quality, from 0, the fastest, to 11; 1.</summary>
    public int Quality
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 11);
            field = value;
        }
    } = 1;
}

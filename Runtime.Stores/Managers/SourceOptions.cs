namespace Runtime.Stores.Managers;

/// <summary>How a <see cref="SourceManager"/> brings pages in.</summary>
public record SourceOptions
{
    /// <summary>
    /// Pages that are read together with the one that is asked for, as far as they are absent: a power of two, 1 to
    /// 256; 16.
    /// </summary>
    public int TransferUnit
    {
        get;
        init => field = TransferLimits.CheckUnit(value, most: 256);
    } = 16;

    /// <summary>Pages that are read ahead, at most, for who goes through a container; 0 for none; 512.</summary>
    /// <remarks>In the background: who asks for a page never waits for others.</remarks>
    public int ReadAhead
    {
        get;
        init => field = TransferLimits.CheckReadAhead(value);
    } = 512;
}

namespace Runtime.Stores.Managers;

/// <summary>How a <see cref="SnapshottingManager"/> brings pages in.</summary>
public sealed record SnapshottingOptions
{
    /// <summary>
    /// Pages that are brought in together with the one that is asked for: a power of two, 1 to 512; 1.
    /// </summary>
    /// <remarks>
    /// Larger ones suit data that is used together, at the price of memory and of the wait for the page itself.
    /// </remarks>
    public int TransferUnit
    {
        get;
        init => field = TransferLimits.CheckUnit(value, most: 512);
    } = 1;

    /// <summary>
    /// Pages that are read ahead, at most, where faults follow each other at equal distances; 0 for none; 512.
    /// </summary>
    /// <remarks>In the background: who asks for a page never waits for others.</remarks>
    public int ReadAhead
    {
        get;
        init => field = TransferLimits.CheckReadAhead(value);
    } = 512;
}

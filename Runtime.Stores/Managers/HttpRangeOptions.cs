namespace Runtime.Stores.Managers;

/// <summary>How an <see cref="HttpRangeManager"/> asks its server.</summary>
public sealed record HttpRangeOptions : SourceOptions
{
    /// <summary>
    /// How long the server may take to be reached, to begin its answer, or to go on with it; 5 s. Then that request has
    /// failed.
    /// </summary>
    public TimeSpan StallLimit
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.FromMilliseconds(1));
            field = value;
        }
    } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a fault may take with all of its requests; 20 s. Should be less than
    /// <see cref="Runtime.Core.KernelOptions.FaultDeadline"/>, so that the error says what happened.
    /// </summary>
    public TimeSpan FaultLimit
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.FromMilliseconds(1));
            field = value;
        }
    } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// How many requests are made for a range at most, 1 or more; 4. One that was cut short is resumed where it ended.
    /// </summary>
    public int Attempts
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            field = value;
        }
    } = 4;

    /// <summary>
    /// Whether a resource may be opened that has neither a strong entity tag nor a time of its last change, so that
    /// only another length is noticed; false.
    /// </summary>
    public bool AllowsUnversioned { get; init; }

    /// <summary>
    /// Sends the requests, synchronously; null for one that connects by itself and knows the limits. The manager
    /// disposes it.
    /// </summary>
    public HttpMessageHandler? Handler { get; init; }
}

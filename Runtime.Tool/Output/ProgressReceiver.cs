namespace Runtime.Tool.Output;

/// <summary>Takes progress on the reporting thread; <see cref="Progress{T}"/> would queue every report to the pool.</summary>
internal sealed class ProgressReceiver(Action<long> receive) : IProgress<long>
{
    internal static ProgressReceiver Nobody { get; } = new(static _ => { });

    /// <inheritdoc/>
    public void Report(long value) => receive(value);
}

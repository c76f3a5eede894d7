namespace Runtime.Tool.Output;

/// <summary>Takes progress on the reporting thread; <see cref="Progress{T}"/> would queue it to the pool.</summary>
internal sealed class ProgressReceiver<T>(Action<T> receive) : IProgress<T>
{
    internal static ProgressReceiver<T> Nobody { get; } = new(static _ => { });

    /// <inheritdoc/>
    public void Report(T value) => receive(value);
}

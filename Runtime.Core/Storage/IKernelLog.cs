namespace Runtime.Core.Storage;

/// <summary>The append-only log of the kernel's own records, in its home volume.</summary>
/// <remarks>
/// Thread safe. After a crash it holds, in order, every record that was flushed, and of the others the first few or
/// none. Failures are <see cref="VolumeException"/>; once a flush has failed, nothing more is written.
/// </remarks>
public interface IKernelLog : IDisposable
{
    /// <summary>The most bytes that a record's payload has.</summary>
    const int MaxPayload = 16 << 20;

    /// <summary>Whether nothing can be appended: opened so, or closed for writing after a failed flush.</summary>
    bool IsReadOnly { get; }

    /// <summary>What was found at opening, in the order of appending, from the newest compaction on.</summary>
    IReadOnlyList<KernelLogRecord> Records { get; }

    /// <summary>How many blocks the log takes, records not yet flushed included.</summary>
    long Blocks { get; }

    /// <summary>How many of them the newest compaction left; when to compact again is the caller's to decide.</summary>
    long CompactedBlocks { get; }

    /// <summary>Accepts a record; it is durable after the next <see cref="Flush"/>. The payload is copied.</summary>
    void Append(in KernelLogRecord record);

    /// <summary>
    /// Makes what was appended before durable. A failure that leaves unknown what is durable closes the log for
    /// writing, for good.
    /// </summary>
    void Flush();

    /// <summary>
    /// Lets the log consist of these records from now on, in their order, durably: all of them, or, if power goes or
    /// it fails, what was there. Of what was appended and not flushed nothing is left.
    /// </summary>
    void Compact(IReadOnlyCollection<KernelLogRecord> live);
}

using Runtime.Core;
using Runtime.Core.Disks;
using Runtime.Core.Storage;

namespace Runtime.Stores.Logs;

/// <summary>What a log holds.</summary>
/// <param name="Header">Under which it was read.</param>
/// <param name="Records">In the order of appending.</param>
/// <param name="Last">Index of the first block of the newest batch.</param>
/// <param name="End">Index of the block behind it.</param>
/// <param name="Damage">What keeps the rest from being read; null if nothing is missing.</param>
internal sealed record LogContent(
    LogHeader Header, IReadOnlyList<KernelLogRecord> Records, long Last, long End, LogDamage? Damage)
{
    /// <summary>Reads it while a writer, of this or another process, may append to it or compact it.</summary>
    /// <returns>Null if there is none yet.</returns>
    public static LogContent? ReadBesideWriter(IDisk disk)
    {
        // A compaction gives the room of the old log to the new one, and a header is not written in one step.
        const int Tries = 20;
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                if (LogHeaders.IsVacant(disk))
                {
                    return null;
                }

                LogContent content = new LogScan(disk, LogHeaders.Read(disk).Newest).Run();
                if (LogHeaders.Read(disk).Newest == content.Header)
                {
                    return content;
                }

                if (attempt == Tries)
                {
                    throw new VolumeException(Status.Busy, "kernel.log is compacted again and again");
                }
            }
            catch (VolumeException e) when (e.Status == Status.IoError && attempt < Tries)
            {
            }

            Thread.Sleep(1);
        }
    }

    /// <param name="other">Null for one without records.</param>
    public bool HasSameRecords(LogContent? other) =>
        other?.Damage is null
        && Records.Count == (other?.Records.Count ?? 0)
        && Records.Zip(other?.Records ?? []).All(pair =>
            (pair.First with { Payload = default }) == (pair.Second with { Payload = default })
            && pair.First.Payload.Span.SequenceEqual(pair.Second.Payload.Span));

    public void ThrowIfDamaged()
    {
        if (Damage is not null)
        {
            throw Damage.ToException();
        }
    }
}

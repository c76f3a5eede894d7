using Runtime.Core;
using Runtime.Core.Disks;

namespace Runtime.Stores.Logs;

/// <summary>What is wrong with a log, and where.</summary>
/// <param name="Block">The first damaged block of the file.</param>
/// <param name="What">Why it cannot be as it was written.</param>
internal sealed record LogDamage(long Block, string What)
{
    public string Message => $"block {new BlockNumber(Block)} of kernel.log is damaged: {What}";

    public VolumeException ToException() => new(Status.IoError, Message);
}

using Runtime.Core;
using Runtime.Core.Disks;
using Runtime.Core.Storage;
using Runtime.Stores.Logs;

namespace Runtime.Stores.Volumes;

/// <summary>The kernel's log of a volume, opened when it is first asked for: its damage keeps no page away.</summary>
/// <remarks>Thread safe.</remarks>
/// <param name="home">Where it is; null if the volume is no directory, and so has none.</param>
/// <param name="isReadOnly">Whether nothing of it may be written.</param>
internal sealed class VolumeLog(VolumeDirectory? home, bool isReadOnly) : IDisposable
{
    private readonly Lock _lock = new();            // guards the fields below
    private KernelLog? _log;
    private bool _isDisposed;

    /// <summary>Opens it; for writing it is made where there is none.</summary>
    public IKernelLog? Open()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            return _log ??= home?.TryOpenLog(isReadOnly) is { } disk
                ? KernelLog.Open(disk, isReadOnly, home.FlushOwnNames)
                : null;
        }
    }

    /// <summary>Reads what was flushed until now, whoever has it open.</summary>
    /// <returns>Null if there is none.</returns>
    public LogContent? Read()
    {
        using IDisk? disk = home?.TryOpenLog(isReadOnly: true);
        return disk is null ? null : LogContent.ReadBesideWriter(disk);
    }

    /// <summary>Lets another volume's log hold what this one does, unless it does already or this has none.</summary>
    public void CopyTo(VolumeLog target)
    {
        LogContent? content = Read();
        content?.ThrowIfDamaged();
        if (content is not null && !content.HasSameRecords(target.Read()))
        {
            target.Open()?.Compact(content.Records);
        }
    }

    public LogDamage? Verify()
    {
        try
        {
            return Read()?.Damage;
        }
        catch (VolumeException e)
        {
            return new LogDamage(Block: 0, e.Message);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            _log?.Dispose();
        }
    }
}

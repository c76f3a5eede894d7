using Runtime.Core;
using Runtime.Core.Snapshots;
using Runtime.Core.Storage;
using Runtime.Stores.Volumes;

namespace Runtime.Tests.Stores.Volumes;

/// <summary>Uses a volume that may be made of anything: each change happens or is refused.</summary>
internal static class VolumeUse
{
    /// <summary>Makes every kind of change to a container, and deletes it.</summary>
    public static void ChangeAll(
        Volume volume,
        ContainerRecord record,
        IReadOnlyList<SnapshotInfo> history,
        StateInterval any,
        Random random)
    {
        Try(() => volume.Clone(record, any, $"clone {record.Id}"));
        Try(() => volume.Restore(record, any));
        Try(() => Commit(volume, record, random));
        foreach (SnapshotInfo version in history)
        {
            Try(() => volume.Discard(record, [version.Interval]));
        }

        Try(() => volume.Delete(record));
    }

    public static void Try(Action use)
    {
        try
        {
            use();
        }
        catch (KernelException)
        {
        }
        catch (ArgumentOutOfRangeException)
        {
            // A container of length 0 has no page to write, one at its last interval no next.
        }
    }

    private static void Commit(Volume volume, ContainerRecord record, Random random)
    {
        using VersionDraft draft = volume.OpenDraft(record);
        draft.Length = random.Next(2) == 0 ? draft.Length : random.NextInt64(1, 1L << 40);
        draft.Write(new PageNumber(0), VolumeModel.Page(1));
        volume.Commit(draft, DateTimeOffset.UnixEpoch).Dispose();
    }
}

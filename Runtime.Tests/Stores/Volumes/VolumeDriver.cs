using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Snapshots;
using Runtime.Core.Storage;
using Runtime.Stores.Volumes;

namespace Runtime.Tests.Stores.Volumes;

/// <summary>Does to a volume and to its model the same.</summary>
internal sealed class VolumeDriver(Volume volume)
{
    public const string Manager = "snapshotting";

    /// <summary>What the volume has reported done.</summary>
    public VolumeModel Reported { get; private set; } = new();

    /// <summary>What it will hold when the change that runs is done.</summary>
    public VolumeModel Attempted { get; private set; } = new();

    public VolumeDriver(Volume volume, VolumeModel model)
        : this(volume) => Reported = Attempted = model;

    public Volume Volume => volume;

    public void Create(string name, long length)
    {
        Attempt(model => model.Containers.Add(name, new VolumeModel.ContainerModel(length)));
        volume.Create(name, length, Manager);
        Reported = Attempted;
    }

    public void Delete(string name)
    {
        Attempt(model => model.Containers.Remove(name));
        volume.Delete(volume.Find(name)!);
        Reported = Attempted;
    }

    public void Commit(string name, SortedDictionary<ulong, int> changes, long? newLength = null)
    {
        ContainerRecord record = volume.Find(name)!;
        StateInterval interval = volume.HighestInterval(record).Next;
        long length = newLength ?? record.Length;
        Attempt(model => model.Containers[name].Commit(interval.Value, changes, length));
        using VersionDraft draft = volume.OpenDraft(record, interval);
        draft.Length = length;
        Write(draft, changes);
        volume.Commit(draft, DateTimeOffset.UnixEpoch).Dispose();
        Reported = Attempted;
    }

    /// <summary>Commits a draft that was written by others; its pages so that the model knows them, too.</summary>
    public void Commit(string name, VersionDraft draft, SortedDictionary<ulong, int> pages)
    {
        Attempt(model => model.Containers[name].Commit(draft.Interval.Value, pages, draft.Length));
        volume.Commit(draft, DateTimeOffset.UnixEpoch).Dispose();
        Reported = Attempted;
    }

    /// <summary>Commits one version of each of several containers, all together.</summary>
    public void CommitTogether(params (string Name, SortedDictionary<ulong, int> Changes)[] containers)
    {
        var drafts = new List<VersionDraft>();
        try
        {
            foreach ((string name, SortedDictionary<ulong, int> changes) in containers)
            {
                drafts.Add(volume.OpenDraft(volume.Find(name)!));
                Write(drafts[^1], changes);
            }

            Attempt(model =>
            {
                for (int i = 0; i < containers.Length; i++)
                {
                    model.Containers[containers[i].Name].Commit(
                        drafts[i].Interval.Value, containers[i].Changes, drafts[i].Length);
                }
            });
            foreach (VersionMap version in volume.Commit(drafts, DateTimeOffset.UnixEpoch))
            {
                version.Dispose();
            }

            Reported = Attempted;
        }
        finally
        {
            drafts.ForEach(draft => draft.Dispose());
        }
    }

    /// <summary>Writes containers of a kernel on this volume, and cuts them together.</summary>
    public void CutTogether(
        Kernel kernel, params (Container Container, SortedDictionary<ulong, int> Changes)[] containers)
    {
        foreach ((Container container, SortedDictionary<ulong, int> changes) in containers)
        {
            foreach ((ulong page, int content) in changes)
            {
                container.View.Write((long)page * PageNumber.Size, VolumeModel.Page(content));
            }
        }

        Attempt(model =>
        {
            foreach ((Container container, SortedDictionary<ulong, int> changes) in containers)
            {
                model.Containers[container.Name].Commit(container.Interval.Value, changes, container.Length);
            }
        });
        foreach (Snapshot snapshot in kernel.TakeSnapshot([.. containers.Select(each => each.Container)]))
        {
            snapshot.WaitForDurable();
        }

        Reported = Attempted;
    }

    /// <summary>The change that was attempted last has failed for good.</summary>
    public void GiveUp() => Attempted = Reported;

    public static void Write(VersionDraft draft, SortedDictionary<ulong, int> changes)
    {
        PageNumber[] pages = [.. changes.Keys.Select(page => new PageNumber(page))];
        draft.Write(pages, [.. changes.Values.SelectMany(VolumeModel.Page)]);
    }

    public void Restore(string name, ulong interval)
    {
        Attempt(model => model.Containers[name].Restore(interval));
        volume.Restore(volume.Find(name)!, new StateInterval(interval));
        Reported = Attempted;
    }

    public void Rollback(string name, ulong interval)
    {
        Attempt(model => model.Containers[name].Rollback(interval));
        volume.Rollback(volume.Find(name)!, new StateInterval(interval));
        Reported = Attempted;
    }

    public void Discard(string name, params ulong[] intervals)
    {
        Attempt(model => model.Containers[name].Discard(intervals));
        volume.Discard(volume.Find(name)!, [.. intervals.Select(interval => new StateInterval(interval))]);
        Reported = Attempted;
    }

    public void Clone(string source, ulong? interval, string name)
    {
        Attempt(model => model.Containers.Add(name, model.Containers[source].CloneAt(interval)));
        volume.Clone(volume.Find(source)!, interval is { } value ? new StateInterval(value) : null, name);
        Reported = Attempted;
    }

    /// <summary>Copies another volume to this one.</summary>
    public void CopyFrom(VolumeDriver source, bool prunes = false)
    {
        Attempted = source.Reported.Clone();
        source.Volume.CopyTo(volume, prunes);
        Reported = Attempted;
    }

    /// <summary>One random change: mostly a commit, sometimes versions or containers come or go.</summary>
    public void Step(Random random)
    {
        string[] names = [.. Reported.Containers.Keys];
        string fresh = $"container {random.Next(1000)}";
        bool mayCreate = names.Length < 5 && !Reported.Containers.ContainsKey(fresh);
        if (names.Length == 0)
        {
            Create(fresh, random.NextInt64(1, 1L << random.Next(12, 41)));
            return;
        }

        string chosen = names[random.Next(names.Length)];
        VolumeModel.ContainerModel container = Reported.Containers[chosen];
        ulong[] versions = [.. container.Versions.Select(version => version.Interval)];
        ulong any = versions.Length == 0 ? 0 : versions[random.Next(versions.Length)];
        switch (random.Next(20))
        {
            case 0 when mayCreate:
                Create(fresh, random.NextInt64(1, 1L << random.Next(12, 41)));
                break;
            case 1 or 2 when mayCreate:
                Clone(chosen, any == 0 || random.Next(2) == 0 ? null : any, fresh);
                break;
            case 3:
                Delete(chosen);
                break;
            case 4 when any != 0:
                Restore(chosen, any);
                break;
            case 5 when any != 0:
                Rollback(chosen, any);
                break;
            case 6 or 7 or 8 or 9:
                Discard(chosen, [.. versions.Where(v => v != container.Head!.Interval && random.Next(3) == 0)]);
                break;
            default:
                Commit(chosen, Changes(random, container.Length, out long length), length);
                break;
        }
    }

    private static SortedDictionary<ulong, int> Changes(Random random, long oldLength, out long length)
    {
        length = random.Next(6) == 0 ? random.NextInt64(1, 1L << random.Next(12, 41)) : oldLength;
        long pages = PageNumber.CountFor(length);
        var changes = new SortedDictionary<ulong, int>();
        int count = random.Next(20);
        for (int i = 0; i < count; i++)
        {
            changes[(ulong)(random.Next(2) == 0 ? random.NextInt64(pages) : random.NextInt64(Math.Min(pages, 300)))] =
                random.Next(4) == 0 ? 0 : random.Next();
        }

        return changes;
    }

    private void Attempt(Action<VolumeModel> change)
    {
        Attempted = Reported.Clone();
        change(Attempted);
    }
}

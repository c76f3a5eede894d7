using Runtime.Core;
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
        using VolumeCommit commit = volume.BeginCommit(record, interval, DateTimeOffset.UnixEpoch, length);
        foreach ((ulong page, int content) in changes)
        {
            commit.Write(new PageNumber(page), VolumeModel.Page(content));
        }

        commit.Complete();
        Reported = Attempted;
    }

    /// <summary>One random change: mostly a commit, sometimes a container comes or goes.</summary>
    public void Step(Random random)
    {
        string[] names = [.. Reported.Containers.Keys];
        int die = random.Next(10);
        if (names.Length == 0 || (die == 0 && names.Length < 5))
        {
            string name = $"container {random.Next(1000)}";
            if (!Reported.Containers.ContainsKey(name))
            {
                Create(name, random.NextInt64(1, 1L << random.Next(12, 41)));
            }

            return;
        }

        string chosen = names[random.Next(names.Length)];
        if (die == 1)
        {
            Delete(chosen);
            return;
        }

        long pages = PageNumber.CountFor(Reported.Containers[chosen].Length);
        var changes = new SortedDictionary<ulong, int>();
        int count = random.Next(20);
        for (int i = 0; i < count; i++)
        {
            changes[(ulong)(random.Next(2) == 0 ? random.NextInt64(pages) : random.NextInt64(Math.Min(pages, 300)))] =
                random.Next(4) == 0 ? 0 : random.Next();
        }

        Commit(chosen, changes);
    }

    private void Attempt(Action<VolumeModel> change)
    {
        Attempted = Reported.Clone();
        change(Attempted);
    }
}

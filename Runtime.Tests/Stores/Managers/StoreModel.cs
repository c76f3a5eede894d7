using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Snapshots;

namespace Runtime.Tests.Stores.Managers;

/// <summary>What the containers of a kernel must hold, beside the kernel that does the same.</summary>
/// <remarks>A page's content is one number at its start and the same at its end; the model knows all of them.</remarks>
internal sealed class StoreModel
{
    internal const long Pages = 2048;
    private const long PageSize = PageNumber.Size;

    private readonly Dictionary<string, Model> _containers = [];

    private sealed record Version(StateInterval Interval, long Length, Dictionary<long, long> Content);

    private sealed class Model
    {
        public long Length { get; set; } = Pages * PageSize;

        public Dictionary<long, long> Content { get; set; } = [];

        public List<Version> Versions { get; set; } = [];

        public bool IsDirty { get; set; }

        /// <summary>The version that the content is based on.</summary>
        public StateInterval Head { get; set; }
    }

    internal void Write(Container container, long page, long value)
    {
        Model model = Find(container);
        page %= Math.Max(model.Length / PageSize, 1);
        if ((page + 1) * PageSize > model.Length)
        {
            return;
        }

        container.View.Write(page * PageSize, value);
        container.View.Write((page + 1) * PageSize - sizeof(long), value);
        model.Content[page] = value;
        model.IsDirty = true;
    }

    internal void Resize(Container container, long pages)
    {
        Model model = Find(container);
        container.Resize(pages * PageSize);
        model.IsDirty |= model.Length != pages * PageSize;
        model.Length = pages * PageSize;
        model.Content = model.Content.Where(page => page.Key < pages).ToDictionary();
    }

    internal Snapshot Snapshot(Container container)
    {
        Model model = Find(container);
        Snapshot snapshot = container.TakeSnapshot();
        Note(model, snapshot.Interval);
        return snapshot;
    }

    internal void Restore(Container container, int which)
    {
        Model model = Find(container);
        if (model.Versions.Count == 0)
        {
            return;
        }

        Version version = model.Versions[which % model.Versions.Count];
        StateInterval next = container.Interval;
        bool isCut = model.IsDirty;
        container.Restore(version.Interval);
        if (isCut)
        {
            Note(model, next);
        }

        model.Content = new Dictionary<long, long>(version.Content);
        model.Length = version.Length;
        model.Head = version.Interval;
        model.IsDirty = false;
    }

    internal void Rollback(Kernel kernel, Container container)
    {
        Model model = Find(container);
        if (model.Versions.Count == 0)
        {
            Assert.That(
                () => kernel.Rollback(container.Name),
                Throws.TypeOf<KernelException>().With.Property("Status").EqualTo(Status.NoSuchInterval));
            return;
        }

        Assert.That(kernel.Rollback(container.Name), Is.EqualTo(model.Head));
        Version head = model.Versions.Single(version => version.Interval == model.Head);
        model.Versions.RemoveAll(version => version.Interval > model.Head);
        model.Content = new Dictionary<long, long>(head.Content);
        model.Length = head.Length;
        model.IsDirty = false;
    }

    internal void Discard(Kernel kernel, string name, int which)
    {
        Model model = Find(name);
        if (model.Versions.Count == 0)
        {
            return;
        }

        Version version = model.Versions[which % model.Versions.Count];
        try
        {
            kernel.DiscardVersions(name, [version.Interval]);
            model.Versions.Remove(version);
        }
        catch (KernelException refused) when (refused.Status == Status.IntervalPinned)
        {
            Assert.That(version.Interval, Is.EqualTo(model.Head));
        }
    }

    internal void Retain(Kernel kernel, string name, int last)
    {
        Model model = Find(name);
        IReadOnlyList<StateInterval> dropped = kernel.Retain(name, new Retention(last));
        model.Versions.RemoveAll(version => dropped.Contains(version.Interval));
        Assert.That(model.Versions, Has.Count.LessThanOrEqualTo(last + 1), "and the one that it begins with");
    }

    internal void Clone(Kernel kernel, string source, string name, int which)
    {
        Model model = Find(source);
        if (model.Versions.Count == 0 || _containers.ContainsKey(name))
        {
            return;
        }

        Version version = model.Versions[which % model.Versions.Count];
        kernel.CloneContainer(source, name, version.Interval);
        var first = new Version(new StateInterval(1), version.Length, version.Content);
        _containers[name] = new Model
        {
            Length = version.Length,
            Content = new Dictionary<long, long>(version.Content),
            Versions = [first],
            Head = first.Interval,
        };
    }

    /// <summary>Closed and opened again: what was not cut was saved by a last snapshot.</summary>
    internal void Close(Container container)
    {
        Model model = Find(container);
        StateInterval next = container.Interval;
        bool isCut = model.IsDirty;
        container.Dispose();
        if (isCut)
        {
            Note(model, next);
        }
    }

    internal void AssertHolds(Kernel kernel, Container container)
    {
        Model model = Find(container);
        AssertHolds(container, model.Length, model.Content, "now");
        Assert.That(
            kernel.History(container.Name).Select(version => version.Interval),
            Is.EqualTo(model.Versions.Select(version => version.Interval)),
            "history");
    }

    internal void AssertVersion(Kernel kernel, string name, int which)
    {
        Model model = Find(name);
        if (model.Versions.Count > 0)
        {
            Version version = model.Versions[which % model.Versions.Count];
            using Container opened = kernel.OpenVersion(name, version.Interval);
            AssertHolds(opened, version.Length, version.Content, $"version {version.Interval}");
        }
    }

    private static void AssertHolds(Container container, long length, Dictionary<long, long> content, string what)
    {
        Assert.That(container.Length, Is.EqualTo(length), what);
        for (long page = 0; page < length / PageSize; page += content.ContainsKey(page) ? 1 : 7)
        {
            long expected = content.GetValueOrDefault(page);
            Assert.That(
                (container.View.Read<long>(page * PageSize), container.View.Read<long>((page + 1) * PageSize - 8)),
                Is.EqualTo((expected, expected)),
                $"{what}: page {page} of '{container.Name}'");
        }
    }

    private static void Note(Model model, StateInterval interval)
    {
        model.Versions.Add(new Version(interval, model.Length, new Dictionary<long, long>(model.Content)));
        model.Head = interval;
        model.IsDirty = false;
    }

    private Model Find(Container container) => Find(container.Name);

    private Model Find(string name)
    {
        if (!_containers.TryGetValue(name, out Model? model))
        {
            _containers.Add(name, model = new Model());
        }

        return model;
    }
}

using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Memory;
using Runtime.Core.Snapshots;
using Runtime.Native;
using Runtime.Tests.Support;
using static Runtime.Tests.Core.Containers.MappingModel;

namespace Runtime.Tests.Core.Containers;

/// <summary>
/// Any sequence of mappings, faults, writes, leases, evictions, snapshots, restores, closings and unmappings over any
/// acyclic graph, of hand-overs, rollbacks and failures of managers, leaves in each page, through each window, what the
/// model says.
/// </summary>
public partial class MappingPropertyTests(TrapEngine engine) : VersionedFixture(engine)
{
    private const int Boxes = 6;
    private const int Units = 6;
    private const long Pages = Units * (Unit / PageSize);

    private readonly List<Box> _boxes = [];
    private Random _random = null!;
    private string _told = "";
    private long _lastValue;
    private Dictionary<Status, int> _answers = [];

    protected override long? MemoryBudget => AvailableMemory.LeastBudget;

    [Test, Deadline(240)]
    public void Every_byte_is_what_the_model_says([Values(1, 2, 3, 4, 5, 6)] int seed) =>
        Run(seed, OperatingSystem.IsWindows() ? 400 : 2500);

    [Test, Category("Soak"), Deadline(1800)]
    public void Every_byte_is_what_the_model_says_for_ten_minutes()
    {
        long until = Environment.TickCount64 + 600_000;
        for (int seed = Environment.TickCount; Environment.TickCount64 < until; seed++)
        {
            ShutDown();
            Boot();
            Run(seed, steps: 4000);
        }
    }

    private void Run(int seed, int steps)
    {
        _random = new Random(seed);
        _answers = [];
        _boxes.Clear();
        for (int i = 0; i < Boxes; i++)
        {
            _boxes.Add(new Box(Open($"c{i}", Pages)));
        }

        using Container pressing = Open("pressing", 2 * AvailableMemory.LeastBudget / PageSize);
        for (int step = 0; step < steps; step++)
        {
            _told = $"seed {seed}, step {step}";
            Do(pressing);
        }

        AssertAll();
        foreach (Box box in _boxes)
        {
            foreach ((StateInterval interval, Dictionary<long, long> own) in box.Versions)
            {
                using Container version = Kernel.OpenVersion(box.Container.Name, interval);
                for (long page = 0; page < Pages; page++)
                {
                    Assert.That(
                        version.View.Read<long>(page * PageSize),
                        Is.EqualTo(own.GetValueOrDefault(page)),
                        $"{_told}, version {interval} of {version.Name}, page {page}");
                }
            }
        }

        TestContext.Out.WriteLine(string.Join(", ", _answers.Select(answer => $"{answer.Value} {answer.Key}")));
        Assert.That(
            _answers.Keys,
            Is.SupersetOf((Status[])[Status.Success, Status.Overlap, Status.Cycle, Status.OutOfRange]), _told);
    }

    private void Do(Container pressing)
    {
        switch (_random.Next(106))
        {
            case < 12:
                Map();
                break;
            case < 20:
                Unmap();
                break;
            case < 22:
                OpenOrCloseWindow();
                break;
            case < 45:
                Read();
                break;
            case < 75:
                Write();
                break;
            case < 88:
                Lease();
                break;
            case < 90:
                Press(pressing);
                break;
            case < 95:
                Cut();
                break;
            case < 97:
                Restore();
                break;
            case 97:
                CloseAndOpen();
                break;
            case < 101:
                ChangeManagers();
                break;
            default:
                AssertAll();
                break;
        }
    }

    private void Map()
    {
        (Box host, List<Mapped> mappings, ContainerWindow? window, _) = AnyWindow();
        Box source = AnyBox();
        long offset = _random.Next(Units) * Unit;
        long from = _random.Next(Units) * Unit;
        long length = (1 + _random.Next(3)) * Unit;
        bool isWritable = _random.Next(4) > 0;
        Access access = isWritable ? Access.Write : Access.Read;
        Expect(ExpectMap(host, mappings, source, offset, from, length), () =>
        {
            if (window is null)
            {
                host.Container.Map(offset, source.Container, from, length, access);
            }
            else
            {
                window.Map(offset, source.Container, from, length, access);
            }

            mappings.Add(new Mapped(offset, source, from, length, isWritable));
        });
    }

    private void Unmap()
    {
        (Box host, List<Mapped> mappings, ContainerWindow? window, _) = AnyWindow();
        long offset = _random.Next(Units) * Unit;
        long length = (1 + _random.Next(Units)) * Unit;
        if (mappings.Count > 0 && _random.Next(3) > 0)
        {
            Mapped one = mappings[_random.Next(mappings.Count)];
            (offset, length) = (one.Offset, one.Length);
        }

        Expect(ExpectUnmap(mappings, offset, length), () =>
        {
            if (window is null)
            {
                host.Container.Unmap(offset, length);
            }
            else
            {
                window.Unmap(offset, length);
            }

            mappings.RemoveAll(one => one.Overlaps(offset, length));
        });
    }

    private void OpenOrCloseWindow()
    {
        Box box = AnyBox();
        if (box.Windows.Count > 1)
        {
            int which = _random.Next(box.Windows.Count);
            box.Windows[which].Window.Dispose();
            box.Windows.RemoveAt(which);
        }
        else
        {
            box.Windows.Add((box.Container.OpenWindow(), []));
        }
    }

    private void Read()
    {
        (Box box, List<Mapped> mappings, _, ContainerView view) = AnyWindow();
        AssertPage(box, mappings, view, _random.NextInt64(Pages));
    }

    private void Write()
    {
        (Box box, List<Mapped> mappings, _, ContainerView view) = AnyWindow();
        long page = _random.NextInt64(Pages);
        (Box owner, long ownersPage, bool isWritable) = Find(box, mappings, page * PageSize);
        Status expected = owner.IsGone ? Status.ContainerGone : isWritable ? Status.Success : Status.PermissionDenied;
        if (owner.IsGone && !isWritable)
        {
            return;                                                 // either may be said first
        }

        Expect(expected, () =>
        {
            view.Write(page * PageSize, ++_lastValue);
            owner.Own[ownersPage] = _lastValue;
        });
    }

    private void Lease()
    {
        (Box box, List<Mapped> mappings, _, ContainerView view) = AnyWindow();
        long first = _random.NextInt64(Pages);
        int count = (int)Math.Min(Pages - first, 1 + _random.Next(40));
        bool isWriting = _random.Next(2) == 0;
        var pages = Enumerable.Range(0, count).Select(i => Find(box, mappings, (first + i) * PageSize)).ToList();
        bool isGone = pages.Exists(page => page.Owner.IsGone);
        bool isRefused = isWriting && pages.Exists(page => !page.IsWritable);
        if (isGone && isRefused)
        {
            return;                                                 // either may be said first
        }

        Expect(isGone ? Status.ContainerGone : isRefused ? Status.PermissionDenied : Status.Success, () =>
        {
            using Lease lease = view.Lease(
                first * PageSize, count * PageSize, isWriting ? Access.Write : Access.Read);
            for (int i = 0; i < count; i++)
            {
                (Box owner, long page, _) = pages[i];
                Span<byte> place = lease.Span.Slice(i * PageSize, sizeof(long));
                long expected = owner.Own.GetValueOrDefault(page);
                Assert.That(BitConverter.ToInt64(place), Is.EqualTo(expected), $"{_told}, page {first + i}");
                if (isWriting)
                {
                    BitConverter.TryWriteBytes(place, ++_lastValue);
                    owner.Own[page] = _lastValue;
                }
            }
        });
    }

    /// <summary>Touches so much else that pages leave memory.</summary>
    private static void Press(Container pressing)
    {
        int step = OperatingSystem.IsWindows() ? 256 * PageSize : PageSize;
        for (long offset = 0; offset < pressing.Length; offset += step)
        {
            pressing.View.Read<byte>(offset);
        }
    }

    private void Cut()
    {
        Box box = AnyBox();
        Snapshot snapshot = box.Container.TakeSnapshot();
        box.Versions.Add((snapshot.Interval, new Dictionary<long, long>(box.Own)));
    }

    private void Restore()
    {
        Box box = AnyBox();
        if (box.Versions.Count > 0)
        {
            (StateInterval interval, Dictionary<long, long> own) = box.Versions[_random.Next(box.Versions.Count)];
            box.Container.Restore(interval);
            NoteVersions(box);                                      // what was there before, if it was none yet
            box.Own = new Dictionary<long, long>(own);
        }
    }

    /// <summary>The same container comes back as another: nothing is mapped in it, and it is mapped nowhere.</summary>
    private void CloseAndOpen()
    {
        int which = _random.Next(_boxes.Count);
        Box before = _boxes[which];
        before.Container.Dispose();
        NoteVersions(before);
        before.IsGone = true;
        before.Windows.Clear();
        before.Mappings.Clear();
        _boxes[which] = new Box(Kernel.OpenContainer($"c{which}")) { Own = before.Own };
        _boxes[which].Versions.AddRange(before.Versions);
    }

    private void AssertAll()
    {
        foreach (Box box in _boxes)
        {
            for (long page = 0; page < Pages; page += 1 + _random.Next(8))
            {
                AssertPage(box, box.Mappings, box.Container.View, page);
                foreach ((ContainerWindow window, List<Mapped> mappings) in box.Windows)
                {
                    AssertPage(box, mappings, window.View, page);
                }
            }

            Assert.That(
                box.Container.Mappings.Select(one => (one.Offset, one.SourceOffset, one.Length, one.Access)),
                Is.EqualTo(box.Mappings.OrderBy(one => one.Offset).Select(one =>
                    (one.Offset, one.SourceOffset, one.Length, one.IsWritable ? Access.Write : Access.Read))),
                _told);
        }
    }

    private void AssertPage(Box box, List<Mapped> mappings, ContainerView view, long page)
    {
        (Box owner, long ownersPage, _) = Find(box, mappings, page * PageSize);
        string told = $"{_told}, page {page} of {box.Container.Name}, {ownersPage} of {owner.Container.Name}";
        if (owner.IsGone)
        {
            Assert.That(
                () => view.Read<long>(page * PageSize),
                Throws.TypeOf<ContainerFaultException>().With.Property("Status").EqualTo(Status.ContainerGone)
                    .And.Property("Container").EqualTo(owner.Container.Name),
                told);
        }
        else
        {
            Assert.That(view.Read<long>(page * PageSize), Is.EqualTo(owner.Own.GetValueOrDefault(ownersPage)), told);
        }
    }

    private Box AnyBox() => _boxes[_random.Next(_boxes.Count)];

    private (Box Box, List<Mapped> Mappings, ContainerWindow? Window, ContainerView View) AnyWindow()
    {
        Box box = AnyBox();
        int which = _random.Next(box.Windows.Count + 1) - 1;
        return which < 0
            ? (box, box.Mappings, null, box.Container.View)
            : (box, box.Windows[which].Mappings, box.Windows[which].Window, box.Windows[which].Window.View);
    }

    private void Expect(Status expected, Action action)
    {
        Status status = Status.Success;
        try
        {
            action();
        }
        catch (KernelException refused)
        {
            status = refused.Status;
        }

        Assert.That(status, Is.EqualTo(expected), _told);
        _answers[status] = _answers.GetValueOrDefault(status) + 1;
    }
}

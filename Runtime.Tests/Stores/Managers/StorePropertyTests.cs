using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;
using NUnit.Framework.Internal;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Stores;
using Runtime.Tests.Support;

namespace Runtime.Tests.Stores.Managers;

/// <summary>
/// Any sequence of writes, cuts, restores, clones, discards, retentions and reopenings, under a budget far below the
/// containers' size, leaves what a dictionary would hold. A failure prints the shortest sequence found and its seed.
/// </summary>
public class StorePropertyTests
{
    private static readonly long s_budget = OperatingSystem.IsWindows() ? 64 << 20 : 2 << 20;
    private static readonly int s_sequences = OperatingSystem.IsWindows() ? 25 : 60;

    [Test, Deadline(300)]
    public void Every_sequence_of_operations_leaves_what_the_model_holds() => Prop
        .ForAll<int[]>(codes => new Run(codes).ToTheEnd())
        .Check(Config.QuickThrowOnFailure.WithMaxTest(s_sequences).WithStartSize(5).WithEndSize(120));

    [Test, Category("Soak"), Deadline(1500)]
    public void For_ten_minutes()
    {
        long until = Environment.TickCount64 + 600_000;
        for (int round = 0; Environment.TickCount64 < until; round++)
        {
            Prop.ForAll<int[]>(codes => new Run(codes).ToTheEnd())
                .Check(Config.QuickThrowOnFailure.WithMaxTest(100).WithStartSize(5).WithEndSize(300));
        }
    }

    private sealed class Run(int[] codes)
    {
        private readonly StoreModel _model = new();
        private readonly Random _random = new(codes.Length == 0 ? 0 : codes[0]);
        private readonly Dictionary<string, Container> _open = [];
        private TemporaryDirectory _directory = null!;
        private Kernel _kernel = null!;
        private long _lastValue;

        internal void ToTheEnd()
        {
            using var own = new TestExecutionContext.IsolatedContext();    // whose failures are not the test's
            using var directory = new TemporaryDirectory();
            _directory = directory;
            _kernel = Boot();
            try
            {
                Open("a");
                foreach (int code in codes)
                {
                    Do(code);
                }

                Reopen();
                foreach (Container container in _open.Values)
                {
                    _model.AssertHolds(_kernel, container);
                    _model.AssertVersion(_kernel, container.Name, which: 0);
                }
            }
            finally
            {
                _kernel.Dispose();
            }

            using Runtime.Stores.Volumes.Volume volume = Runtime.Stores.Volumes.Volume.Open(directory["home"]);
            Assert.That(volume.Verify().Damages, Is.Empty);
        }

        private void Do(int code)
        {
            uint bits = (uint)code * 2_654_435_761;
            Container container = _open.Values.ElementAt((int)(bits >> 8) % _open.Count);
            int which = (int)(bits >> 16);
            switch (bits % 16)
            {
                case < 6:
                    for (int i = 0; i < which % 200; i++)
                    {
                        _model.Write(container, _random.NextInt64(StoreModel.Pages), ++_lastValue);
                    }

                    break;
                case < 9:
                    _model.Snapshot(container);
                    break;
                case 9 when which % 3 == 0:
                    _model.Rollback(_kernel, container);
                    break;
                case 9:
                    _model.Restore(container, which);
                    break;
                case 10:
                    _model.Discard(_kernel, container.Name, which);
                    break;
                case 11:
                    _model.Retain(_kernel, container.Name, 1 + which % 4);
                    break;
                case 12:
                    string name = $"c{_open.Count}";
                    _model.Clone(_kernel, container.Name, name, which);
                    if (_kernel.Containers.Any(record => record.Name == name))
                    {
                        Open(name);
                    }

                    break;
                case 13:
                    _model.Resize(container, 1 + which % StoreModel.Pages);
                    break;
                case 14:
                    _model.AssertVersion(_kernel, container.Name, which);
                    break;
                default:
                    Reopen();
                    break;
            }

            _model.AssertHolds(_kernel, _open[container.Name]);
        }

        private void Open(string name) => _open[name] = _kernel.OpenContainer(
            name,
            name == "a" && _kernel.Containers.Count == 0 ? StoreModel.Pages * PageNumber.Size : null,
            maximumLength: StoreModel.Pages * PageNumber.Size);

        private void Reopen()
        {
            foreach (Container container in _open.Values)
            {
                _model.Close(container);
            }

            _kernel.Dispose();
            _kernel = Boot();
            foreach (string name in _open.Keys.ToArray())
            {
                Open(name);
            }
        }

        private Kernel Boot() =>
            Kernel.Boot(new KernelOptions { Volume = _directory["home"], MemoryBudget = s_budget });
    }
}

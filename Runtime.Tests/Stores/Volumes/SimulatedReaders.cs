using Runtime.Core;
using Runtime.Stores.Volumes;

namespace Runtime.Tests.Stores.Volumes;

/// <summary>The places of readers of a simulated disk. Thread safe.</summary>
internal sealed class SimulatedReaders
{
    private readonly Lock _lock = new();                            // guards the field below
    private readonly Dictionary<int, long> _live = [];

    /// <summary>What a process that opens the file has of it, until disposed.</summary>
    public IReaders Open() => new Handle(this);

    private sealed class Handle(SimulatedReaders all) : IReaders
    {
        private int _slot = -1;

        public void Claim()
        {
            lock (all._lock)
            {
                _slot = Enumerable.Range(0, Format.Readers.Slots).FirstOrDefault(s => !all._live.ContainsKey(s), -1);
                if (_slot < 0)
                {
                    throw new KernelException(Status.Busy, "all places are taken");
                }

                all._live[_slot] = LiveReader.AnyCommit;
            }
        }

        public void Name(long sequence)
        {
            lock (all._lock)
            {
                all._live[_slot] = sequence;
            }
        }

        public IReadOnlyList<LiveReader> Live()
        {
            lock (all._lock)
            {
                return [.. all._live.Select(live => new LiveReader(live.Key, live.Value))];
            }
        }

        public void Dispose()
        {
            lock (all._lock)
            {
                all._live.Remove(_slot);
            }
        }
    }
}

using Runtime.Core;
using Runtime.Core.Storage;

namespace Runtime.Tests.Core.Memory;

/// <summary>A spill in memory that is full, or fails, when the test says so.</summary>
/// <remarks>Thread safe. What is freed is overwritten, so that nobody reads it unnoticed.</remarks>
internal sealed class TestSpill : ISpill
{
    private readonly Lock _lock = new();                            // guards the field below
    private readonly List<byte[]?> _pages = [];

    /// <summary>How many pages it takes.</summary>
    internal int Capacity { get; set; } = int.MaxValue;

    /// <summary>Whether reads fail.</summary>
    internal bool FailsToRead { get; set; }

    internal int Count
    {
        get
        {
            lock (_lock)
            {
                return _pages.Count(page => page is not null);
            }
        }
    }

    public uint Write(ReadOnlySpan<byte> page)
    {
        lock (_lock)
        {
            if (Count >= Capacity)
            {
                throw new VolumeException(Status.NoResources, "simulated: no space left");
            }

            int slot = _pages.IndexOf(null);
            if (slot < 0)
            {
                slot = _pages.Count;
                _pages.Add(null);
            }

            _pages[slot] = page.ToArray();
            return (uint)slot;
        }
    }

    public void Read(uint slot, Span<byte> destination)
    {
        lock (_lock)
        {
            if (FailsToRead)
            {
                throw new VolumeException(Status.IoError, "simulated: the medium fails");
            }

            _pages[(int)slot]!.CopyTo(destination);
        }
    }

    public void Free(uint slot)
    {
        lock (_lock)
        {
            _pages[(int)slot]!.AsSpan().Fill(0xEE);
            _pages[(int)slot] = null;
        }
    }
}

using Runtime.Core.Disks;
using Runtime.Tests.Stores.Disks;

namespace Runtime.Tests.Stores.Durability;

/// <summary>
/// A disk that writes down each call that changes something, with what was promised at that moment, so that every power
/// cut on the way can be made afterwards without doing the work again.
/// </summary>
/// <remarks>Not thread safe.</remarks>
/// <typeparam name="TPromise">What is promised: two that are equal promise the same.</typeparam>
/// <param name="start">What is on the medium at first.</param>
internal sealed class JournalDisk<TPromise>(ImageDisk start) : IDisk
    where TPromise : class
{
    private readonly ImageDisk _image = start.Copy();
    private readonly List<JournalEntry<TPromise>> _entries = [];
    private int _flushes;

    /// <summary>What is promised now.</summary>
    public required Func<TPromise> Promise { get; init; }

    /// <summary>Lets flushes do nothing, by their number from 1, and say that they did.</summary>
    public Predicate<int> IgnoresFlush { get; init; } = _ => false;

    public ImageDisk Start { get; } = start;

    public IReadOnlyList<JournalEntry<TPromise>> Entries => _entries;

    /// <summary>Blocks beyond which the medium is full.</summary>
    public long Capacity
    {
        get => _image.Capacity;
        set => _image.Capacity = value;
    }

    public long BlockCount => _image.BlockCount;

    public bool IsReadOnly => false;

    public void ReadBlocks(BlockNumber first, Span<byte> destination) => _image.ReadBlocks(first, destination);

    public void WriteBlocks(BlockNumber first, ReadOnlySpan<byte> source)
    {
        TPromise promise = Promise();
        _image.WriteBlocks(first, source);
        var blocks = new ImageBlock[source.Length / IDisk.BlockSize];
        for (int i = 0; i < blocks.Length; i++)
        {
            blocks[i] = _image[first.Value + i];
        }

        _entries.Add(new JournalEntry<TPromise>(promise, first.Value, blocks, BlockCount: 0));
    }

    public void Allocate(BlockNumber first, long count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(first.Value, BlockCount);
        TPromise promise = Promise();
        _image.Allocate(first, count);
        _entries.Add(new JournalEntry<TPromise>(promise, First: 0, Blocks: [], _image.BlockCount));
    }

    public void Flush()
    {
        if (!IgnoresFlush(++_flushes))
        {
            _entries.Add(new JournalEntry<TPromise>(Promise(), First: 0, Blocks: null, BlockCount: 0));
        }
    }

    public void Dispose()
    {
    }

    /// <summary>The last power cut comes after all calls.</summary>
    public void End() => _entries.Add(new JournalEntry<TPromise>(Promise(), First: 0, Blocks: [], BlockCount: 0));
}

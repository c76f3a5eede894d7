using Runtime.Core;
using Runtime.Stores.Volumes;

namespace Runtime.Stores.Managers;

/// <summary>Pages that gather to be written together.</summary>
/// <remarks>Not thread safe. A page of zeroes is the draft's to recognize.</remarks>
internal sealed class PageBatch
{
    internal const int Most = 256;

    private const int Least = 8;

    private readonly PageNumber[] _pages = new PageNumber[Most];
    private byte[] _contents = [];                                  // grows to what is gathered

    internal int Count { get; private set; }

    internal void Add(PageNumber page, ReadOnlySpan<byte> content)
    {
        if (Count * PageNumber.Size == _contents.Length)
        {
            Grow();
        }

        content.CopyTo(_contents.AsSpan(Count * PageNumber.Size));
        _pages[Count++] = page;
    }

    /// <summary>Forgets what somebody left behind who failed.</summary>
    internal void Clear() => Count = 0;

    /// <summary>Writes what has gathered; it is forgotten even if that fails.</summary>
    internal void WriteTo(VersionDraft draft)
    {
        int count = Count;
        Count = 0;
        if (count > 0)
        {
            draft.Write(_pages.AsSpan(0, count), _contents.AsSpan(0, count * PageNumber.Size));
        }
    }

    private void Grow()
    {
        byte[] grown = GC.AllocateUninitializedArray<byte>(
            Math.Clamp(Count * 2, Least, Most) * PageNumber.Size, pinned: true);
        _contents.CopyTo(grown, 0);
        _contents = grown;
    }
}

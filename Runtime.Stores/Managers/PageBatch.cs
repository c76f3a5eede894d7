using Runtime.Core;
using Runtime.Stores.Volumes;

namespace Runtime.Stores.Managers;

/// <summary>Pages that gather to be written together.</summary>
/// <remarks>Not thread safe. A page of zeroes is the draft's to recognize.</remarks>
internal sealed class PageBatch
{
    internal const int Most = 256;

    private readonly PageNumber[] _pages = new PageNumber[Most];
    private byte[]? _contents;                                      // from the first use on

    internal int Count { get; private set; }

    internal void Add(PageNumber page, ReadOnlySpan<byte> content)
    {
        _contents ??= GC.AllocateUninitializedArray<byte>(Most * PageNumber.Size, pinned: true);
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
}

using Runtime.Core.Memory;

namespace Runtime.Core.Managers;

/// <summary>The right to fill some absent pages that follow each other; dispose it soon, faults on them wait.</summary>
public readonly ref struct PageRun : IDisposable
{
    private readonly RunClaim? _claim;

    internal PageRun(RunClaim claim) => _claim = claim;

    /// <summary>Whether it claims nothing: it is the default, or the claim has ended.</summary>
    public bool IsEmpty => _claim is not { IsEnded: false };

    /// <summary>The first page.</summary>
    public PageNumber First => new((ulong)Claim.First);

    /// <summary>How many pages.</summary>
    public int Count => Claim.Count;

    /// <summary>The pages in the kernel view, zeroed, one after the other; until installed.</summary>
    public unsafe Span<byte> Memory =>
        new(Claim.Memory.Section.PageAddress(Claim.First), Claim.Count * PageNumber.Size);

    private RunClaim Claim =>
        _claim is { IsEnded: false } ? _claim : throw new InvalidOperationException("the claim on the pages has ended");

    /// <summary>Declares <see cref="Memory"/> complete and opens the window to the pages, for reading.</summary>
    public void Install() => Claim.Install();

    /// <summary>Gives the pages up unless they were installed.</summary>
    public void Dispose() => _claim?.Dispose();
}

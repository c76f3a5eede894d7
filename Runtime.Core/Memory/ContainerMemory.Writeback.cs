using Runtime.Core.Faults;
using Runtime.Native;

namespace Runtime.Core.Memory;

/// <summary>Dirty pages that their manager writes away while they stay in memory and may be written.</summary>
internal sealed partial class ContainerMemory
{
    private readonly Lock _writebackLock = new();                   // guards _writebacks
    private readonly List<(long First, int Count)> _writebacks = [];

    internal Status BeginWriteback(long first, int count, out IReadOnlyList<PageNumber> pages)
    {
        pages = [];
        Status status = TryBeginOwn(first, count, out FaultContext? context);
        if (status != Status.Success)
        {
            return status;
        }

        try
        {
            if (_isRestoring || !TryNoteWriteback(first, count))
            {
                return Status.Busy;
            }

            var announced = new List<PageNumber>();
            var run = new List<PageEntry>();
            var written = new List<long>();
            Table.CollectWritten(written);
            long next = 0;
            foreach (long page in written.Where(page => page >= first && page < first + count))
            {
                if (page != next || run.Count == Victims.Most)
                {
                    Announce(next, run, announced);
                }

                PageEntry entry = Table[page];
                if (MayBeAnnounced(entry) && Table.TryMove(page, entry, entry.BeginGrant(context!.Number)))
                {
                    run.Add(entry);
                    next = page + 1;
                }
            }

            Announce(next, run, announced);
            pages = announced;
            return Status.Success;
        }
        finally
        {
            EndOwn(context!);
        }
    }

    /// <summary>Waits for nobody: a page that somebody has claimed just now stays dirty.</summary>
    internal Status EndWriteback(long first, int count, bool isSaved, out int cleaned)
    {
        cleaned = 0;
        if (!TryEnter())
        {
            return Status.NotYourContainer;
        }

        try
        {
            lock (_writebackLock)
            {
                if (!_writebacks.Contains((first, count)))
                {
                    return Status.OutOfRange;
                }

                var written = new List<long>();
                Table.CollectWritten(written);
                foreach (long page in written.Where(page => page >= first && page < first + count))
                {
                    cleaned += EndWriteback(page, isSaved) ? 1 : 0;
                }

                _writebacks.Remove((first, count));
                return Status.Success;
            }
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Copies a page, wherever the kernel has it; waits for nobody.</summary>
    internal Status ReadPage(long page, Span<byte> destination)
    {
        Status status = TryBeginOwn(page, 1, out FaultContext? context);
        if (status != Status.Success)
        {
            return status;
        }

        try
        {
            while (true)
            {
                PageEntry entry = Table[page];
                if (entry.IsClaimed)
                {
                    return Status.Busy;
                }

                if (!CanBeHeld(entry))
                {
                    return Status.NotYourFrame;
                }

                if (Table.TryMove(page, entry, entry.BeginSave(context!.Number)))
                {
                    return ReadAndRelease(page, entry, destination);
                }
            }
        }
        finally
        {
            EndOwn(context!);
        }
    }

    /// <summary>What a write lease may be writing cannot be announced: it would not be noticed.</summary>
    private static bool MayBeAnnounced(PageEntry entry) =>
        entry is { Phase: PagePhase.Present, IsDirty: true }
        && (entry.Pins == 0 || entry.Granted != PageAccess.ReadWrite);

    private bool TryNoteWriteback(long first, int count)
    {
        lock (_writebackLock)
        {
            if (_writebacks.Exists(other => first < other.First + other.Count && other.First < first + count))
            {
                return false;
            }

            _writebacks.Add((first, count));
            return true;
        }
    }

    /// <summary>Closes claimed pages that end before <paramref name="end"/> to writing, and lets go of them.</summary>
    private void Announce(long end, List<PageEntry> run, List<PageNumber> announced)
    {
        if (run.Count == 0)
        {
            return;
        }

        long first = end - run.Count;
        bool isLowered = Windows.TryLower(first, run.Count, PageAccess.Read);
        for (int i = 0; i < run.Count; i++)
        {
            PageEntry before = run[i];
            if (isLowered)
            {
                Table.Move(first + i, 0, static (entry, _) => entry.BeginWriteback());
                announced.Add(new PageNumber((ulong)(first + i)));
            }

            EndGrant(
                first + i,
                isLowered ? AtMostRead(before.Granted) : before.Granted,
                isDirty: true,
                before.IsReferenced);
        }

        run.Clear();
    }

    private bool EndWriteback(long page, bool isSaved)
    {
        while (true)
        {
            PageEntry entry = Table[page];
            if (!entry.IsInWriteback)
            {
                return false;
            }

            bool isClean = isSaved && entry is { Phase: PagePhase.Present, IsDirty: true };
            if (Table.TryMove(page, entry, isClean ? entry.EndWriteback() : entry.ForgetWriteback()))
            {
                return isClean;
            }
        }
    }

    private Status ReadAndRelease(long page, PageEntry held, Span<byte> destination)
    {
        try
        {
            ReadHeld(held, page, destination);
            return Status.Success;
        }
        catch (KernelException failure)
        {
            return failure.Status;                                  // the spill cannot be read
        }
        finally
        {
            End(page, 0, static (entry, _) => entry.AbandonSave(entry.Granted));
        }
    }
}

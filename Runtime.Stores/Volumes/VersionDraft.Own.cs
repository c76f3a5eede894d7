using Runtime.Core;

namespace Runtime.Stores.Volumes;

/// <content>For whoever knows of pages that belong between this draft and the one below.</content>
public sealed partial class VersionDraft
{
    /// <summary>Takes a higher number, because those before were burnt.</summary>
    /// <exception cref="InvalidOperationException">There is a draft on top already, or this one is over.</exception>
    public void Renumber(StateInterval interval)
    {
        lock (_lock)
        {
            ThrowUnlessOpen();
            if (_above is not null)
            {
                throw new InvalidOperationException($"Interval {_above.Interval} is on top of {Interval} already.");
            }

            ArgumentOutOfRangeException.ThrowIfLessThan(interval.Value, Interval.Value);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(interval.Value, VersionTable.MaxInterval);
            Interval = interval;
        }
    }

    /// <summary>Reads a page if what is below does not matter for it.</summary>
    /// <returns>False if the draft does not hold the page, and was not committed: then nothing was read.</returns>
    public bool TryReadOwn(PageNumber page, Span<byte> destination)
    {
        lock (_lock)
        {
            if (_phase != DraftPhase.Committed && !_pages.ContainsKey(page.Value) && page.Value < _keep)
            {
                return false;
            }
        }

        // It may be committed meanwhile, which changes nothing.
        ReadPage(page, destination);
        return true;
    }
}

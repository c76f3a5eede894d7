using Runtime.Core.Containers;
using Runtime.Core.Faults;

namespace Runtime.Core.Memory;

/// <summary>How much more than one page a fault asks for.</summary>
internal sealed partial class ContainerMemory
{
    private const int ShareOfBudget = 16;

    private readonly FaultRuns _runs = new();

    // So much that it is worth it, and never so much that what it brings in drives out what is in use.
    private int MostAtOnce => (int)Math.Clamp(_resident.Budget.Limit / ShareOfBudget, 1, Victims.Most);

    /// <summary>The access that faults goes on through so many pages, this one included.</summary>
    internal void Request(FaultContext context, long pages) =>
        context.RequestedPages = (int)Math.Clamp(Math.Min(pages, PagesLeft(context)), 1, MostAtOnce);

    /// <summary>How many pages the manager had better bring in; the same for each time that it asks.</summary>
    internal int Suggest(FaultContext context)
    {
        if (context.SuggestedPages == 0)
        {
            int least = context.RequestedPages;
            int most = (int)Math.Clamp(PagesLeft(context), least, Math.Max(MostAtOnce, least));
            context.SuggestedPages = PatternAt(context.Page) switch
            {
                AccessPattern.Sequential => most,
                AccessPattern.Random => least,
                _ => _runs.Suggest(context.Page, least, most),
            };
        }

        return context.SuggestedPages;
    }

    private long PagesLeft(FaultContext context) => PageNumber.CountFor(Length) - context.Page;
}

using System.CommandLine;
using Runtime.Native;

namespace Runtime.Bench.Faults;

/// <summary>
/// The verb <c>faults</c>: one plan, one way, one line of JSON; its arguments are those of the peers.
/// </summary>
internal static class FaultCommand
{
    internal static Command Create()
    {
        var way = new Option<string>("--way") { Description = "Who touches the pages.", Required = true };
        var pattern = new Argument<string>("pattern") { Description = "How the pages follow each other." };
        var areas = new Argument<int>("areas") { Description = "Windows." };
        var threads = new Argument<int>("threads") { Description = "A divisor of the windows." };
        var pages = new Argument<int>("pages") { Description = "Of all windows together." };
        var rounds = new Argument<int>("rounds") { Description = "Times that each page is touched." };
        var engine = new Option<string>("--engine") { Description = "The trap engine; by default the preferred one." };
        engine.AcceptOnlyFromAmong([.. TrapEngine.All.Select(engine => engine.Name)]);
        way.AcceptOnlyFromAmong([.. FaultToucher.Ways.Keys]);
        pattern.AcceptOnlyFromAmong(FaultPlan.Sequential, FaultPlan.Alternating);

        var command = new Command("faults", "Times faults on resident pages that C# opens again.")
        {
            way, engine, pattern, areas, threads, pages, rounds,
        };
        command.SetAction(arguments =>
        {
            var requested = new FaultPlan(
                arguments.GetRequiredValue(pattern),
                arguments.GetRequiredValue(areas),
                arguments.GetRequiredValue(threads),
                arguments.GetRequiredValue(pages),
                arguments.GetRequiredValue(rounds));
            try
            {
                TrapEngine chosen = TrapEngine.All.FirstOrDefault(
                    candidate => candidate.Name == arguments.GetValue(engine), TrapEngine.Default);
                Sample sample = Measure(requested.Validated(), arguments.GetRequiredValue(way), chosen);
                Console.WriteLine(sample.ToJson());
                return 0;
            }
            catch (Exception failure)
            {
                Console.Error.WriteLine($"{failure.GetType().Name}: {failure.Message}");
                return 1;
            }
        });
        return command;
    }

    private static Sample Measure(FaultPlan plan, string way, TrapEngine engine)
    {
        FaultArea[] areas =
        [
            .. Enumerable.Range(0, plan.Areas)
                .Select(index => new FaultArea(engine, $"bench {index}", plan.PagesPerArea)),
        ];
        (double ns, double meanNs, long allocatedBytes) = new FaultLoop(plan, areas, FaultToucher.Ways[way]()).Run();
        Array.ForEach(areas, area => area.Dispose());
        return new Sample
        {
            Side = "Katydid",
            Way = way,
            Engine = engine.Name,
            Workload = plan.Pattern,
            Memory = "shared",
            Areas = plan.Areas,
            Threads = plan.Threads,
            Cores = Environment.ProcessorCount,
            Count = plan.FaultsPerRound * plan.Rounds,
            Ns = ns,
            MeanNs = meanNs,
            AllocatedBytes = allocatedBytes,
        };
    }
}

using System.CommandLine;
using Runtime.Bench.Faults;
using Runtime.Bench.Reports;
using Runtime.Bench.Resident;

var root = new RootCommand("Measures Katydid beside its peers; scripts/bench.sh runs the two alternately.")
{
    FaultCommand.Create(),
    ResidentCommand.Create(),
    ReportCommand.Create(),
};
return root.Parse(args).Invoke();

using System.CommandLine;
using Runtime.Bench.Commits;
using Runtime.Bench.Faults;
using Runtime.Bench.FirstWrites;
using Runtime.Bench.Invocations;
using Runtime.Bench.Limits;
using Runtime.Bench.Managers;
using Runtime.Bench.Openings;
using Runtime.Bench.Reads;
using Runtime.Bench.Reports;
using Runtime.Bench.Resident;
using Runtime.Bench.Snapshots;

var root = new RootCommand("Measures Katydid beside its peers; scripts/bench.sh runs the two alternately.")
{
    EnginesCommand.Create(),
    FaultCommand.Create(),
    ResidentCommand.Create(),
    ReadCommand.Create(),
    SnapshotCommand.Create(),
    FirstWriteCommand.Create(),
    CommitCommand.Create(),
    OpenCommand.Create(),
    ScaleCommand.Create(),
    MemoryCommand.Create(),
    InvocationCommand.Create(),
    MappingCommand.Create(),
    RemoteCommand.Create(),
    ReportCommand.Create(),
};
return root.Parse(args).Invoke();

using NUnit.Framework;
using Runtime.Native;

namespace Runtime.Tests.Native;

/// <summary>
/// What every engine promises (DESIGN 5), subject by subject in the classes that inherit this one. Each test is named
/// after the sentence that it holds. Where the systems differ the test says how.
/// </summary>
/// <remarks>
/// Elsewhere: Task-based managers in Core/Managers/AsyncManagerTests; one upcall for many threads on one page, chains
/// and cycles in Core/Faults/FaultRouterTests; leases in Core/Containers/ContainerTests; accessors' code in
/// Repository/TrapSourceTests; system calls in Native/Memory/WindowTests; a single-file program in .ci/run.
/// No test holds: shadow stacks (CET), which no machine of ours has; the order of handlers on real Windows; NativeAOT
/// and Mono themselves, of which only the signs are shown (HostTests); compiled images that were replaced under the
/// running program; AMX state; a thread's protection keys.
/// </remarks>
[TestFixtureSource(typeof(Engines), nameof(Engines.Here))]
public abstract class TrapContract(TrapEngine engine) : EngineTests(engine)
{
}

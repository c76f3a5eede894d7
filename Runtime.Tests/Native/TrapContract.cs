using NUnit.Framework;
using Runtime.Native;

namespace Runtime.Tests.Native;

/// <summary>
/// What every engine promises (DESIGN 5), subject by subject in the classes that inherit this one. Each test is named
/// after the sentence that it holds. Where the systems differ the test says how.
/// </summary>
/// <remarks>
/// No test holds: shadow stacks (CET), which no machine of ours has; Task-based managers, which are the kernel's; the
/// order of handlers on real Windows; that NativeAOT and Mono are refused; glibc before 2.35, where the list of
/// mappings takes the place of _dl_find_object; single-file programs, where the executable counts as the runtime;
/// compiled images that were replaced under the running program; machine-check SIGBUS (BUS_MCEERR); AMX state.
/// </remarks>
[TestFixtureSource(typeof(Engines), nameof(Engines.Here))]
public abstract class TrapContract(TrapEngine engine) : EngineTests(engine)
{
}

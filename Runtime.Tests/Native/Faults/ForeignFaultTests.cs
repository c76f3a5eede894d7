using NUnit.Framework;
using Runtime.Native;
using Runtime.Tests.Support;

namespace Runtime.Tests.Native.Faults;

/// <summary>
/// "Null references, stack overflow, foreign access violations: as without us." Each kind of death is died twice, in a
/// process without the trap library and in one whose windows have already served faults, and compared.
/// </summary>
public sealed class ForeignFaultTests(TrapEngine engine) : TrapContract(engine)
{
    [Test]
    public void A_null_reference_is_caught_as_without_us() =>
        AssertSame(ForeignFaults.NullReference, expectedCode: 0, "caught NullReferenceException");

    [Test]
    public void A_null_reference_that_nobody_catches_ends_the_process_as_without_us() =>
        AssertSame(
            ForeignFaults.UncaughtNullReference,
            OperatingSystem.IsWindows() ? ForeignFaults.UnhandledManaged : ForeignFaults.Abort,
            "Unhandled exception. System.NullReferenceException");

    [Test]
    public void A_stack_overflow_ends_the_process_as_without_us() => AssertSameOverflow(ForeignFaults.StackOverflow);

    [Test]
    public void A_stack_overflow_on_another_thread_ends_the_process_as_without_us() =>
        AssertSameOverflow(ForeignFaults.StackOverflowOnThread);

    [Test]
    public void A_foreign_access_violation_of_native_code_ends_the_process_as_without_us() =>
        AssertSame(
            ForeignFaults.NativeAccessViolation,
            ForeignFaults.AccessViolation,
            OperatingSystem.IsWindows() ? "Fatal error." : "");

    [Test]
    public void A_foreign_access_violation_of_managed_code_ends_the_process_as_without_us() =>
        AssertSame(
            ForeignFaults.ManagedAccessViolation,
            OperatingSystem.IsWindows() ? ForeignFaults.AccessViolation : ForeignFaults.Abort,
            "Fatal error.");

    /// <summary>No page fault but a general protection fault: the processor does not say at which address.</summary>
    [Test]
    public void An_impossible_address_in_native_code_ends_the_process_as_without_us() =>
        AssertSame(
            ForeignFaults.NativeImpossibleAddress,
            ForeignFaults.AccessViolation,
            OperatingSystem.IsWindows() ? "Fatal error." : "");

    [Test]
    public void An_impossible_address_in_managed_code_ends_as_without_us() =>
        AssertSame(ForeignFaults.ManagedImpossibleAddress);

    [Test]
    public void A_foreign_access_violation_in_an_accessor_ends_the_process() =>
        // There is no accessor without us: what matters is that it dies, and of its own fault.
        Assert.That(
            ChildProcess.Run(ForeignFaults.InAccessor, Engine.Name).Code, Is.EqualTo(ForeignFaults.AccessViolation));

    private void AssertSameOverflow(Func<string[], int> die)
    {
        if (!Wine.IsHere)
        {
            AssertSame(
                die,
                OperatingSystem.IsWindows() ? ForeignFaults.StackOverflowCode : ForeignFaults.Abort,
                "Stack overflow.");
            return;
        }

        // Wine ends only the thread, before the runtime learns of it; the process stays, with us and without.
        using ChildProcess without = ChildProcess.Start(die);
        using ChildProcess with = ChildProcess.Start(die, Engine.Name);
        Assert.That(() => without.WaitForExit(TimeSpan.FromSeconds(5)), Throws.TypeOf<TimeoutException>());
        Assert.That(() => with.WaitForExit(TimeSpan.FromSeconds(1)), Throws.TypeOf<TimeoutException>());
    }

    /// <summary>Whatever the runtime makes of it.</summary>
    private void AssertSame(Func<string[], int> die)
    {
        ChildExit without = ChildProcess.Run(die);
        AssertSame(die, without.Code, Essence(without));
        Assert.That((without.Code, without.Output), Is.Not.EqualTo((0, "")));
    }

    private void AssertSame(Func<string[], int> die, int expectedCode, string expectedError)
    {
        ChildExit without = ChildProcess.Run(die);
        ChildExit with = ChildProcess.Run(die, Engine.Name);
        Assert.That(without.Code, Is.EqualTo(expectedCode), without.Error);
        Assert.That(with.Code, Is.EqualTo(without.Code), with.Error);
        Assert.That(Essence(without), Does.Contain(expectedError));
        Assert.That(Essence(with), Is.EqualTo(Essence(without)));
        Assert.That(with.Error, Does.Not.Contain("katydid: "));
    }

    /// <summary>The first line that was said: what follows are stacks, whose depth and addresses vary.</summary>
    private static string Essence(ChildExit exit) => (exit.Output + exit.Error).Split('\n')[0];
}

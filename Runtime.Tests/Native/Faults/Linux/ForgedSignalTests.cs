using NUnit.Framework;
using Runtime.Native;
using Runtime.Tests.Support;

namespace Runtime.Tests.Native.Faults.Linux;

/// <summary>
/// "Ours are only kernel-generated page faults (si_code &gt; 0, trap 14, never BUS_MCEERR_*) inside the arena;
/// everything else goes to the handler that was there before": signals that a thread sends itself, each with the
/// address of a page of a window. The handler before ours ends the process with a code of its own.
/// </summary>
[LinuxOnly]
public sealed unsafe class ForgedSignalTests(TrapEngine engine) : TrapContract(engine)
{
    private const int EndedByHandler = 77;

    private const int SIGBUS = 7;
    private const int SIGSEGV = 11;
    private const int SI_QUEUE = -1;
    private const int SEGV_MAPERR = 1;
    private const int BUS_ADRERR = 2;
    private const int BUS_MCEERR_AR = 4;
    private const int BUS_MCEERR_AO = 5;

    [TestCase(SIGSEGV, SEGV_MAPERR)]
    [TestCase(SIGBUS, BUS_ADRERR)]
    public void What_looks_like_a_page_fault_of_the_kernel_is_served(int signal, int code)
    {
        // Shows that the signals of the other tests differ in nothing but what these are about.
        ChildExit exit = Send(signal, code, "after a page fault");
        Assert.That((exit.Code, exit.Output), Is.EqualTo((0, "upcalls: 1\n")), exit.Error);
    }

    [TestCase(SIGSEGV)]
    [TestCase(SIGBUS)]
    public void A_signal_that_somebody_sent_is_left_to_the_handler_before(int signal) =>
        AssertLeft(Send(signal, SI_QUEUE, "after a page fault"));

    [TestCase(BUS_MCEERR_AR)]
    [TestCase(BUS_MCEERR_AO)]
    public void A_machine_check_is_left_to_the_handler_before(int code) =>
        AssertLeft(Send(SIGBUS, code, "after a page fault"));

    [Test]
    public void Another_trap_than_a_page_fault_is_left_to_the_handler_before() =>
        AssertLeft(Send(SIGSEGV, SEGV_MAPERR, "after a division by zero"));

    private static void AssertLeft(ChildExit exit) =>
        Assert.That((exit.Code, exit.Output, exit.Error.Trim()), Is.EqualTo((EndedByHandler, "", "")));

    private ChildExit Send(int signal, int code, string after) =>
        ChildProcess.Run(Receives, Engine.Name, $"{signal}", $"{code}", after);

    [Child]
    private static int Receives(string[] args)
    {
        if (Helpers.kh_handler_install(0) != 0)
        {
            return 1;
        }

        using var pager = new TestPager(Engines.Named(args[0]), Arena.UnitSize);
        int signal = int.Parse(args[1]);
        int code = int.Parse(args[2]);
        _ = Helpers.kh_send_to_self(0, code, null);                 // bound, so that no fault of binding comes between
        _ = Accessors.Store8(pager.Address, 1);
        int before = pager.Upcalls;
        if (args[3] == "after a division by zero")
        {
            Divide(before - before);
        }

        Helpers.kh_handler_end_with(0, EndedByHandler);
        if (Helpers.kh_send_to_self(signal, code, pager.Address + Section.PageSize) != 0)
        {
            return 2;
        }

        // Posted, and not waited for to the end: there is no instruction that would fault again.
        SpinWait.SpinUntil(() => pager.Upcalls > before, TimeSpan.FromSeconds(20));
        Console.WriteLine($"upcalls: {pager.Upcalls - before}");
        return 0;
    }

    /// <summary>The number of a thread's last trap is what the kernel tells in its next signal.</summary>
    private static void Divide(int zero)
    {
        try
        {
            _ = 1 / zero;
        }
        catch (DivideByZeroException)
        {
        }
    }
}

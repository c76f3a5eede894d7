using NUnit.Framework;
using Runtime.Native;
using Runtime.Tests.Support;

namespace Runtime.Tests.Native.Faults;

/// <summary>
/// "An address in no known native module is rescued only if it lies in the runtime's code heaps or an IL image."
/// </summary>
public sealed unsafe class CodeOfNoModuleTests(TrapEngine engine) : TrapContract(engine)
{
    [Test]
    public void Code_made_at_run_time_by_somebody_else_is_posted()
    {
        using TestPager pager = Pager();
        using (Trap.NativeSection())
        {
            Assert.That(Helpers.kh_read_by_code_of_no_module(pager.Address), Is.Zero);
        }

        Assert.That(pager.LastFault.Way, Is.EqualTo(FaultWay.Managed), "as far as one can tell in a handler");
    }

    [Test]
    public void Code_made_at_run_time_by_somebody_else_is_not_told_of_a_null_reference()
    {
        ChildExit exit = ChildProcess.Run(ReadsRefusedPage, Engine.Name);

        // Windows: the code heaps are anonymous memory like any other. The runtime is told, and does not know the code.
        if (OperatingSystem.IsLinux())
        {
            Assert.That(exit.Error, Does.Contain("katydid: read of container 'refused' at offset 0"));
        }

        Assert.That(exit.Output, Is.Empty);
        Assert.That(exit.Code, Is.EqualTo(ForeignFaults.CodeOfFaultUnder(Engine)));
    }

    [Child]
    private static int ReadsRefusedPage(string[] args)
    {
        using var pager = new TestPager(Engines.Named(args[0]), Arena.UnitSize, static (_, _, _) => 35, "refused");
        try
        {
            Helpers.kh_read_by_code_of_no_module(pager.Address);
        }
        catch (NullReferenceException)
        {
            Console.WriteLine("told");
        }

        return 0;
    }
}

using NUnit.Framework;
using Runtime.Native;
using Runtime.Tests.Support;

namespace Runtime.Tests.Native.Faults;

/// <summary>
/// "When the manager cannot supply the page": native code cannot be told, so the process ends with our line.
/// </summary>
public sealed unsafe class CrashTests(TrapEngine engine) : TrapContract(engine)
{
    private const int Status = 35;

    [Test]
    public void A_failed_fault_in_a_native_section_ends_the_process_with_our_line()
    {
        ChildExit exit = ChildProcess.Run(TouchesInNativeSection, Engine.Name);
        AssertCrash(exit, "katydid: write of container 'doomed' at offset 4097 by native code failed with status 35;");
    }

    [Test]
    public void A_failed_fault_of_unmarked_native_code_ends_the_process_with_our_line()
    {
        ChildExit exit = ChildProcess.Run(TouchesUnmarked, Engine.Name);
        AssertCrash(exit, "katydid: read of container 'doomed' at offset 4098 by native code failed with status 35;");
    }

    [Test]
    public void Unmarked_native_code_is_given_up_at_the_deadline()
    {
        ChildExit exit = ChildProcess.Run(OutlastsTheDeadline, Engine.Name);
        AssertCrash(exit, "katydid: read of container 'doomed' at offset 0 by native code failed with status 34;");
    }

    /// <summary>"Until … its deadline passes (default 30 s)": half a minute is much for every day.</summary>
    [Test, Category("Soak")]
    public void Unmarked_native_code_is_given_up_after_30_s_unless_told_otherwise()
    {
        using ChildProcess child = ChildProcess.Start(OutlastsTheDefault, Engine.Name);
        Assert.That(child.ReadLine(), Is.EqualTo("touching"));
        long began = Environment.TickCount64;
        ChildExit exit = child.WaitForExit(TimeSpan.FromSeconds(100));
        Assert.That(Environment.TickCount64 - began, Is.GreaterThan(29_000));
        AssertCrash(exit, "katydid: read of container 'doomed' at offset 0 by native code failed with status 34;");
    }

    [Test]
    public void Code_in_a_window_is_a_fault_of_its_own_kind()
    {
        ChildExit exit = ChildProcess.Run(Executes, Engine.Name);
        AssertCrash(
            exit, "katydid: execution of container 'doomed' at offset 64 by native code failed with status 35;");
    }

    [Test]
    public void A_late_touch_of_a_closed_window_by_native_code_names_it()
    {
        ChildExit exit = ChildProcess.Run(TouchesClosed, Engine.Name);
        AssertCrash(
            exit,
            "katydid: write of container 'doomed' at offset 8 by native code failed with status 7;",
            isOpen: false);
    }

    private void AssertCrash(ChildExit exit, string line, bool isOpen = true)
    {
        Assert.That(exit.Error, Does.Contain(line));
        Assert.That(exit.Output, Is.EqualTo("touching\n"));
        Assert.That(
            exit.Code,
            Is.EqualTo(isOpen ? ForeignFaults.CodeOfFaultUnder(Engine) : ForeignFaults.AccessViolation));
    }

    [Child]
    private static int TouchesInNativeSection(string[] args)
    {
        using TestPager pager = Doomed(args);
        using (Trap.NativeSection())
        {
            Helpers.kh_write(pager.Address + 4097, 1);
        }

        return 0;
    }

    [Child]
    private static int TouchesUnmarked(string[] args)
    {
        using TestPager pager = Doomed(args);
        return Helpers.kh_read(pager.Address + 4098);
    }

    [Child]
    private static int OutlastsTheDeadline(string[] args)
    {
        Trap.SetDeadline(TimeSpan.FromMilliseconds(300));
        return OutlastsTheDefault(args);
    }

    [Child]
    private static int OutlastsTheDefault(string[] args)
    {
        using TestPager pager = Doomed(args);
        pager.Serve = static (_, _, _) =>
        {
            Thread.Sleep(Timeout.Infinite);
            return 0;
        };
        return Helpers.kh_read(pager.Address);
    }

    [Child]
    private static int Executes(string[] args)
    {
        using TestPager pager = Doomed(args);
        pager.Serve = (pager, page, access) => access == FaultAccess.Execute ? Status : pager.Grant(page, access);
        Helpers.kh_execute(pager.Address + 64);
        return 0;
    }

    [Child]
    private static int TouchesClosed(string[] args)
    {
        TestPager pager = Doomed(args);
        pager.Dispose();
        Helpers.kh_write(pager.Address + 8, 1);
        GC.KeepAlive(pager);
        return 0;
    }

    private static TestPager Doomed(string[] args)
    {
        var pager = new TestPager(Engines.Named(args[0]), Arena.UnitSize, static (_, _, _) => Status, "doomed");
        Console.WriteLine("touching");
        return pager;
    }
}

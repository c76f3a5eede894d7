using NUnit.Framework;
using Runtime.Native;
using Runtime.Tests.Support;

namespace Runtime.Tests.Native.Faults;

/// <summary>
/// Other libraries with fault handlers of their own, installed before ours and after, in children of their own.
/// </summary>
public sealed unsafe class HandlerChainTests(TrapEngine engine) : TrapContract(engine)
{
    private const int Before = 0;
    private const int After = 1;
    private const int EndedByHandler = 77;

    [Test]
    public void Handlers_installed_before_and_after_ours_mend_their_own_faults() =>
        AssertPasses(MendsForeignPages);

    [Test]
    public void A_handler_installed_after_ours_passes_our_faults_to_us() =>
        AssertPasses(ServesBehindAnother);

    [Test]
    public void A_handler_installed_before_ours_does_not_see_our_faults() =>
        AssertPasses(ServesBeforeAnother);

    [Test]
    public void A_null_reference_passes_all_three_and_becomes_an_exception() =>
        AssertPasses(PassesNullReference);

    [Test]
    public void A_failed_fault_of_native_code_is_left_to_the_handler_that_was_there_before()
    {
        ChildExit exit = ChildProcess.Run(FailsBeforeAnother, Engine.Name);
        Assert.That(exit.Code, Is.EqualTo(EndedByHandler), exit.Error);
        Assert.That(exit.Output, Is.EqualTo("touching\n"));
        Assert.That(exit.Error, Does.Contain("katydid: write of container 'refused' at offset 5 by native code"));
    }

    private void AssertPasses(Func<string[], int> child)
    {
        ChildExit exit = ChildProcess.Run(child, Engine.Name);
        Assert.That((exit.Code, exit.Output), Is.EqualTo((0, "done\n")), exit.Error);
    }

    [Child]
    private static int MendsForeignPages(string[] args)
    {
        using TestPager pager = InstallAll(args);
        for (int number = Before; number <= After; number++)
        {
            byte* page = Helpers.kh_handler_page(number);
            Raw.Write(page, 7);
            Expect(Raw.Read(page), 7);
            Expect(Helpers.kh_handler_mended(number), 1);
        }

        return Done();
    }

    [Child]
    private static int ServesBehindAnother(string[] args)
    {
        using TestPager pager = InstallAll(args);
        TouchEachWay(pager);

        // Linux: a chain by the libraries' own calls. Windows: the system's list, where later handlers stand first.
        Expect(Helpers.kh_handler_passed(After) >= 4, true);
        return Done();
    }

    [Child]
    private static int ServesBeforeAnother(string[] args)
    {
        using TestPager pager = InstallAll(args);
        TouchEachWay(pager);
        Expect(Helpers.kh_handler_passed(Before), 0);
        return Done();
    }

    [Child]
    private static int PassesNullReference(string[] args)
    {
        using TestPager pager = InstallAll(args);
        for (int i = 1; i <= 100; i++)
        {
            Expect(Raw.TryRead(null, out _), false);
            Expect(Helpers.kh_handler_passed(Before), i);
            Expect(Helpers.kh_handler_passed(After), i);
            GC.Collect();
        }

        return Done();
    }

    [Child]
    private static int FailsBeforeAnother(string[] args)
    {
        Expect(Helpers.kh_handler_install(Before), 0);
        using var pager = new TestPager(Engines.Named(args[0]), Arena.UnitSize, static (_, _, _) => 35, "refused");
        Helpers.kh_handler_end_with(Before, EndedByHandler);
        Console.WriteLine("touching");
        Helpers.kh_write(pager.Address + 5, 1);
        return 0;
    }

    private static TestPager InstallAll(string[] args)
    {
        Expect(Helpers.kh_handler_install(Before), 0);
        var pager = new TestPager(Engines.Named(args[0]), Arena.UnitSize);
        Expect(Helpers.kh_handler_install(After), 0);
        return pager;
    }

    private static void TouchEachWay(TestPager pager)
    {
        Expect(Accessors.Store8(pager.Address, 1), 0);
        Raw.Write(pager.Address + Section.PageSize, 1);
        Helpers.kh_write(pager.Address + 2 * Section.PageSize, 1);
        using (Trap.NativeSection())
        {
            Helpers.kh_write(pager.Address + 3 * Section.PageSize, 1);
        }

        Expect(pager.Upcalls, 4);
    }

    private static void Expect<T>(T actual, T expected)
    {
        if (!EqualityComparer<T>.Default.Equals(actual, expected))
        {
            throw new InvalidOperationException($"{actual} instead of {expected}");
        }
    }

    private static int Done()
    {
        Console.WriteLine("done");
        return 0;
    }
}

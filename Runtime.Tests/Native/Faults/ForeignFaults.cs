using System.Runtime.CompilerServices;
using Runtime.Native;
using Runtime.Tests.Support;

namespace Runtime.Tests.Native.Faults;

/// <summary>
/// Ways for a child to die that are no business of the trap library; an argument names an engine to have in use.
/// </summary>
internal static unsafe class ForeignFaults
{
    // Linux: 128 + signal. Windows: the exception's code.
    private const int Bus = 135;
    private const int Segv = 139;
    internal const int Abort = 134;
    internal const int StackOverflowCode = unchecked((int)0xC000_00FD);
    internal const int UnhandledManaged = unchecked((int)0xE043_4352);

    internal static int AccessViolation { get; } =
        OperatingSystem.IsWindows() ? Wine.ExitCodeOfAccessViolation : Segv;

    /// <summary>How a process ends by a fault on an open window that fails.</summary>
    internal static int CodeOfFaultUnder(TrapEngine engine) => engine.Name == "Userfault" ? Bus : AccessViolation;

    private static readonly int[]? s_nothing = Environment.TickCount64 < 0 ? [] : null;

    [Child]
    internal static int NullReference(string[] args)
    {
        Begin(args);
        for (int i = 0; i < 100; i++)
        {
            try
            {
                return s_nothing!.Length;
            }
            catch (NullReferenceException)
            {
                GC.Collect();
            }
        }

        Console.WriteLine("caught NullReferenceException");
        return 0;
    }

    [Child]
    internal static int UncaughtNullReference(string[] args)
    {
        Begin(args);
        return s_nothing!.Length;
    }

    [Child]
    internal static int StackOverflow(string[] args)
    {
        Begin(args);
        return Descend(1);
    }

    [Child]
    internal static int StackOverflowOnThread(string[] args)
    {
        Begin(args);
        var thread = new Thread(() => Descend(1));
        thread.Start();
        thread.Join();
        return 0;
    }

    [Child]
    internal static int NativeAccessViolation(string[] args)
    {
        Begin(args);
        return Helpers.kh_read(Inaccessible());
    }

    [Child]
    internal static int ManagedAccessViolation(string[] args)
    {
        Begin(args);
        return Raw.Read(Inaccessible());
    }

    [Child]
    internal static int NativeImpossibleAddress(string[] args)
    {
        Begin(args);
        return Helpers.kh_read(Impossible());
    }

    [Child]
    internal static int ManagedImpossibleAddress(string[] args)
    {
        Begin(args);
        try
        {
            return Raw.Read(Impossible());
        }
        catch (NullReferenceException)
        {
            Console.WriteLine("caught NullReferenceException");
            return 0;
        }
    }

    [Child]
    internal static int InAccessor(string[] args)
    {
        Begin(args);
        byte value;
        return Accessors.Load8(Inaccessible(), &value);
    }

    [Child]
    internal static int WaitsToBeKilled(string[] args)
    {
        Begin(args);
        Console.WriteLine("ready");
        Thread.Sleep(Timeout.Infinite);
        return 0;
    }

    /// <summary>Puts the trap library to use, if an engine is named: each way has served faults.</summary>
    private static void Begin(string[] args)
    {
        if (args.Length == 0)
        {
            return;
        }

        using var pager = new TestPager(Engines.Named(args[0]), Arena.UnitSize);
        _ = Accessors.Store8(pager.Address, 1);
        Raw.Write(pager.Address + Section.PageSize, 1);
        Helpers.kh_write(pager.Address + 2 * Section.PageSize, 1);
    }

    /// <summary>An address that nobody maps: the reserved middle of the address space.</summary>
    private static byte* Inaccessible() => (byte*)0x1234_5678_9000;

    /// <summary>One whose upper bits are not those of any: not canonical.</summary>
    private static byte* Impossible() => (byte*)0x7777_1234_5678_9000;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Descend(int depth) => depth == int.MaxValue ? 0 : Descend(depth + 1) + 1;
}

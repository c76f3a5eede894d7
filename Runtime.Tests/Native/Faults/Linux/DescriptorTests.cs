using System.Runtime.InteropServices;
using NUnit.Framework;
using Runtime.Native;
using Runtime.Tests.Support;

namespace Runtime.Tests.Native.Faults.Linux;

/// <summary>
/// The handler asks the list of mappings whose an instruction is: also when no descriptor is left to open it.
/// </summary>
[LinuxOnly]
public sealed unsafe partial class DescriptorTests(TrapEngine engine) : TrapContract(engine)
{
    [Test]
    public void Managed_code_is_told_of_failures_when_no_descriptor_is_to_be_had()
    {
        ChildExit exit = ChildProcess.Run(FailsWithoutDescriptors, Engine.Name);
        Assert.That((exit.Code, exit.Output), Is.EqualTo((0, "done\n")), exit.Error);
    }

    [Child]
    private static int FailsWithoutDescriptors(string[] args)
    {
        using var pager = new TestPager(Engines.Named(args[0]), Arena.UnitSize, static (_, _, _) => 35);
        int caught = Raw.TryRead(pager.Address, out _) ? 0 : 1;     // the runtime opens what it needs the first time
        var taken = new List<int>();
        var limit = new Limit { Soft = 300, Hard = 300 };
        _ = setrlimit(RLIMIT_NOFILE, &limit);
        for (int fd = dup(1); fd >= 0; fd = dup(1))
        {
            taken.Add(fd);
        }

        for (int i = 0; i < 20; i++)
        {
            caught += Raw.TryRead(pager.Address + i * Section.PageSize, out _) ? 0 : 1;
        }

        taken.ForEach(fd => _ = close(fd));
        Console.WriteLine("done");
        return taken.Count > 0 && caught == 21 ? 0 : 1;
    }

    private const int RLIMIT_NOFILE = 7;

    [LibraryImport("libc")]
    private static partial int setrlimit(int resource, Limit* limit);

    [LibraryImport("libc")]
    private static partial int dup(int fd);

    [LibraryImport("libc")]
    private static partial int close(int fd);

    private struct Limit
    {
        internal ulong Soft;
        internal ulong Hard;
    }
}

using System.Globalization;
using System.Runtime.Versioning;
using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Native;
using Runtime.Stores;
using Runtime.Tests.Native;
using Runtime.Tests.Support;
using Runtime.Tests.Support.Linux;

namespace Runtime.Tests.Stores.Managers;

/// <summary>
/// At a control group's limit the system kills: the default budget keeps a kernel below it, whatever is touched.
/// </summary>
[LinuxOnly, SupportedOSPlatform("linux")]
[TestFixtureSource(typeof(Engines), nameof(Engines.Here))]
public class MemoryGroupTests(TrapEngine engine)
{
    private const long Limit = 256 << 20;
    private const long Length = 2 * Limit;

    [Test, Deadline(240)]
    public void Twice_the_limit_is_written_and_read_and_nobody_is_killed()
    {
        using MemoryGroup? group = MemoryGroup.TryCreate(Limit, out string reason);
        Requires.Permission(group is not null, reason);
        using var directory = new TemporaryDirectory();
        using ChildProcess child = ChildProcess.Start(WriteAndRead, [engine.Name, directory["home"]], group!.Host);
        ChildExit exit = child.WaitForExit(TimeSpan.FromSeconds(200));

        Assert.That(exit.Code, Is.Zero, exit.Error);
        long most = long.Parse(exit.Output, CultureInfo.InvariantCulture);
        Assert.That(most, Is.InRange(Limit / 8, Limit / 4 * 105 / 100), "what was in memory at most");
    }

    [Child]
    private static int WriteAndRead(string[] args)
    {
        using Kernel kernel = Kernel.Boot(new KernelOptions { Engine = Engines.Named(args[0]), Volume = args[1] });
        using Container container = kernel.OpenContainer("a", Length);
        long most = 0;
        for (int round = 1; round <= 2; round++)
        {
            for (long page = 0; page < Length / PageNumber.Size; page++)
            {
                long offset = page * PageNumber.Size;
                if (container.View.Read<long>(offset) != page * (round - 1))
                {
                    return 1;
                }

                container.View.Write(offset, page * round);
                most = page % 1000 == 0 ? Math.Max(most, container.Statistics.ResidentPages) : most;
            }

            container.TakeSnapshot();
        }

        Console.WriteLine(most * PageNumber.Size);
        return 0;
    }
}

using NUnit.Framework;
using Runtime.Native;
using Runtime.Tests.Support;

namespace Runtime.Tests.Native.Faults;

/// <summary>
/// The runtime as its users set it: managed code is told from other code wherever it lies, and collections as they
/// come.
/// </summary>
public sealed unsafe class RuntimeConfigurationTests(TrapEngine engine) : TrapContract(engine)
{
    [TestCase("DOTNET_EnableWriteXorExecute=0")]
    [TestCase("DOTNET_TieredCompilation=0")]
    [TestCase("DOTNET_TieredPGO=1")]
    [TestCase("DOTNET_ReadyToRun=0")]
    [TestCase("DOTNET_gcServer=1")]
    [TestCase("DOTNET_gcConcurrent=0")]
    public void Every_way_works_under(string setting)
    {
        string[] parts = setting.Split('=');
        using ChildProcess child =
            ChildProcess.Start(TriesEveryWay, [Engine.Name], start => start.Environment[parts[0]] = parts[1]);
        AssertTried(child.WaitForExit());
    }

    private static void AssertTried(ChildExit exit)
    {
        Assert.That(exit.Error, Is.Empty.Or.Not.Contains("katydid: "));
        Assert.That((exit.Code, exit.Output), Is.EqualTo((0, "done\n")), exit.Error);
    }

    [Child]
    private static int TriesEveryWay(string[] args)
    {
        using var pager = new TestPager(Engines.Named(args[0]), Arena.UnitSize, static (pager, page, access) =>
        {
            if (page % 4 == 3)
            {
                GC.Collect();
            }

            return page % 4 == 0 ? 35 : pager.Grant(page, access);
        });
        using (var collections = new Collections(gapMs: 5))
        {
            // Under Wine nearly every collection that meets a raw access costs a rescue, and that 100 ms.
            for (int i = 1; i <= (Wine.IsHere ? 50 : 300); i++)
            {
                byte* group = pager.Address + 4 * i * Section.PageSize;
                bool isRead = Raw.TryRead(group, out _) || Accessors.Store8(group, 1) == 0;
                if (isRead || Trap.LastFault!.Status != 35)
                {
                    throw new InvalidOperationException($"a refused page was read: {Trap.LastFault}");
                }

                foreach (FaultWay way in Enum.GetValues<FaultWay>())
                {
                    long page = 1 + (int)way % 3;
                    Ways.Write(i % 10 == 0 || page != 3 ? way : FaultWay.Accessor, group + page * Section.PageSize, 1);
                }
            }
        }

        Console.WriteLine("done");
        return 0;
    }
}

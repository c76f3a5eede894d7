using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;
using NUnit.Framework;
using Runtime.Native;
using Runtime.Tests.Support;

namespace Runtime.Tests.Native.Faults.Linux;

/// <summary>
/// "_dl_find_object (glibc ≥ 2.35), otherwise …": a trap library that is built from the same sources and finds no
/// such function, as with an older C library. There the list of mappings tells the module of an instruction.
/// </summary>
[LinuxOnly]
public sealed unsafe class OldLibraryTests(TrapEngine engine) : TrapContract(engine)
{
    [Test]
    public void Without_dl_find_object_every_way_is_told_from_the_others()
    {
        using var directory = new TemporaryDirectory();
        string library = directory["libkatydid_trap.so"];
        Build(library);
        ChildExit exit = ChildProcess.Run(TriesEveryWay, Engine.Name, library);
        Assert.That((exit.Code, exit.Output), Is.EqualTo((0, "done\n")), exit.Error);
    }

    /// <summary>As trap.targets does; the name of a function that no library has stays null: it is weak.</summary>
    private static void Build(string library)
    {
        string sources = SourceTree.Combine("Runtime.Native", "trap");
        var start = new ProcessStartInfo(Requires.Command("cc", "gcc"))
        {
            ArgumentList =
            {
                "-std=gnu17", "-O2", "-fno-omit-frame-pointer", "-fPIC", "-fvisibility=hidden", "-shared", "-Wl,-z,now",
                "-D_dl_find_object=kt_no_such_function", "-o", library,
            },
        };
        foreach (string source in Directory.EnumerateFiles(sources))
        {
            if (Path.GetExtension(source) is ".c" or ".S" && !source.Contains("_windows", StringComparison.Ordinal))
            {
                start.ArgumentList.Add(source);
            }
        }

        using Process process = Process.Start(start)!;
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero, "cc");
    }

    [Child]
    private static int TriesEveryWay(string[] args)
    {
        nint library = NativeLibrary.Load(args[1]);
        NativeLibrary.SetDllImportResolver(
            typeof(Trap).Assembly, (string name, Assembly _, DllImportSearchPath? _) =>
                name == "katydid_trap" ? library : 0);
        using var pager = new TestPager(Engines.Named(args[0]), Arena.UnitSize, static (pager, page, access) =>
        {
            if (page % 8 == 7)
            {
                GC.Collect();
            }

            return page % 8 == 0 ? 35 : pager.Grant(page, access);
        });
        for (int i = 0; i < 200; i++)
        {
            FaultWay way = (FaultWay)(i % 4);
            long page = 1 + i / 4 * 8 + i % 4;
            Ways.Write(way, pager.Address + page * Section.PageSize, 1);
            Expect(pager.LastFault.Way, way);
        }

        // Failures and collections: told to managed code only, and resolved or rescued.
        for (int i = 1; i < 20; i++)
        {
            Expect(Raw.TryRead(pager.Address + i * 8 * Section.PageSize, out _), false);
            Expect(Trap.LastFault!.Status, 35);
            Ways.Write(FaultWay.Managed, pager.Address + (i * 8 + 7) * Section.PageSize, 1);
        }

        Console.WriteLine("done");
        return 0;
    }

    private static void Expect<T>(T actual, T expected)
    {
        if (!EqualityComparer<T>.Default.Equals(actual, expected))
        {
            throw new InvalidOperationException($"{actual} instead of {expected}");
        }
    }
}

using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using NUnit.Framework;
using Runtime.Native;
using Runtime.Tests.Native.Faults;
using Runtime.Tests.Support;
using Runtime.Tests.Support.Linux;

namespace Runtime.Tests.Native.Memory.Linux;

/// <summary>
/// "MFD_NOEXEC_SEAL, without on EINVAL"; "before Linux 5.14 the descriptor is kept, with fallocate": in a child whose
/// system answers as those kernels do. An engine that needs a newer one has other memory, not another contract.
/// </summary>
[LinuxOnly]
[SupportedOSPlatform("linux")]
public sealed unsafe class OldKernelTests(TrapEngine engine) : TrapContract(engine)
{
    private const uint CloseOnExecAndNoExecSeal = 9;
    private const uint MADV_POPULATE_WRITE = 23;
    private const string MemoryFile = "memfd:katydid";

    [Test]
    public void Pages_come_by_fallocate_and_go_where_there_is_no_MADV_POPULATE_WRITE()
    {
        Assume.That(RuntimeInformation.ProcessArchitecture, Is.EqualTo(Architecture.X64), "the filter is for x86-64");
        ChildExit exit = ChildProcess.Run(LivesOnAnOldKernel, Engine.Name);
        Assert.That((exit.Code, exit.Output), Is.EqualTo((0, "done\n")), exit.Error);
    }

    [Child]
    private static int LivesOnAnOldKernel(string[] args)
    {
        Seccomp.AnswerErrorTo(Seccomp.MemfdCreateX64, CloseOnExecAndNoExecSeal, Seccomp.EINVAL);
        Seccomp.AnswerErrorTo(Seccomp.MadviseX64, index: 2, MADV_POPULATE_WRITE, Seccomp.EINVAL);
        using (var pager = new TestPager(Engines.Named(args[0]), Arena.UnitSize))
        {
            Assert.That(MemoryFiles(), Is.EqualTo(1));
            for (int page = 0; page < 400; page++)
            {
                byte* address = pager.Address + page * Section.PageSize;
                Ways.Write((FaultWay)(page % 4), address, (byte)page);
                Assert.That(*pager.Section.PageAddress(page), Is.EqualTo((byte)page));
            }

            pager.Window.TryProtect(0, 200, PageAccess.None);
            pager.Section.Discard(0, 200);
            Assert.That(Helpers.kh_is_resident(pager.Section.PageAddress(7)), Is.Zero);
            Assert.That(pager.Section.TryPopulate(7, 1, out long allocated), Is.True);
            Assert.That(allocated, Is.EqualTo(1));
            Assert.That(Ways.Read(FaultWay.Accessor, pager.Address + 7 * Section.PageSize), Is.Zero);
            Assert.That(Ways.Read(FaultWay.Accessor, pager.Address + 399 * Section.PageSize), Is.EqualTo(399 & 255));
            Assert.That(pager.Upcalls, Is.EqualTo(401));
        }

        Assert.That(MemoryFiles(), Is.Zero);
        Console.WriteLine("done");
        return 0;
    }

    /// <summary>Descriptors of memory files of ours that are open.</summary>
    private static int MemoryFiles() => Directory.EnumerateFileSystemEntries("/proc/self/fd")
        .Count(link => File.ResolveLinkTarget(link, returnFinalTarget: false)?.Name
            .StartsWith(MemoryFile, StringComparison.Ordinal) == true);
}

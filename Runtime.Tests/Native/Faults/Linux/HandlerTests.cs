using System.Runtime.InteropServices;
using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Storage;
using Runtime.Native;
using Runtime.Tests.Support;

namespace Runtime.Tests.Native.Faults.Linux;

/// <summary>How the handlers of SIGSEGV and SIGBUS are installed.</summary>
[LinuxOnly]
public sealed unsafe partial class HandlerTests(TrapEngine engine) : TrapContract(engine)
{
    private const int SIGBUS = 7;
    private const int SIGSEGV = 11;
    private const int SIGRTMIN = 34;
    private const int SA_SIGINFO = 4;
    private const int SA_ONSTACK = 0x0800_0000;
    private const int SA_RESTART = 0x1000_0000;
    private const int SA_RESTORER = 0x0400_0000;                    // the C library's own

    [Test]
    public void They_have_the_runtimes_mask_and_SIGRTMIN_and_run_on_the_alternate_stack() => AssertDone(Installs);

    [Test]
    public void They_are_never_uninstalled() => AssertDone(OutlivesKernels);

    private void AssertDone(Func<string[], int> child)
    {
        ChildExit exit = ChildProcess.Run(child, Engine.Name);
        Assert.That((exit.Code, exit.Output), Is.EqualTo((0, "done\n")), exit.Error);
    }

    [Child]
    private static int Installs(string[] args)
    {
        ulong mask = Read(SIGSEGV).Mask;
        Trap.Install();
        foreach (int signal in (ReadOnlySpan<int>)[SIGSEGV, SIGBUS])
        {
            Action ours = Read(signal);
            Assert.That(ours.Flags & ~SA_RESTORER, Is.EqualTo(SA_SIGINFO | SA_ONSTACK | SA_RESTART), $"{signal}");
            Assert.That(ours.Mask, Is.EqualTo(mask | (1UL << (SIGRTMIN - 1))), $"{signal}");
        }

        Assert.That(Read(SIGBUS).Handler, Is.EqualTo(Read(SIGSEGV).Handler));
        Console.WriteLine("done");
        return 0;
    }

    [Child]
    private static int OutlivesKernels(string[] args)
    {
        Trap.Install();
        nint ours = Read(SIGSEGV).Handler;
        for (int i = 0; i < 3; i++)
        {
            var options = new KernelOptions
            {
                OpenVolume = () => new MemoryVolume(),
                DefaultManager = "test",
                Engine = Engines.Named(args[0]),
            };
            options.Managers.Add("test", () => new Tests.Core.TestManager());
            using (Kernel kernel = Kernel.Boot(options))
            {
                kernel.OpenContainer("a", 1 << 20).View.Write(0, 1L);
            }

            GC.Collect();
            GC.WaitForPendingFinalizers();
            Assert.That((Read(SIGSEGV).Handler, Read(SIGBUS).Handler), Is.EqualTo((ours, ours)));
        }

        Console.WriteLine("done");
        return 0;
    }

    private static Action Read(int signal)
    {
        Action action;
        Assert.That(sigaction(signal, null, &action), Is.Zero);
        return action;
    }

    [LibraryImport("libc")]
    private static partial int sigaction(int signal, void* action, Action* before);

    /// <summary>struct sigaction, and of its mask the signals that there are.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 152)]
    private struct Action
    {
        [FieldOffset(0)]
        internal nint Handler;

        [FieldOffset(8)]
        internal ulong Mask;

        [FieldOffset(136)]
        internal int Flags;
    }
}

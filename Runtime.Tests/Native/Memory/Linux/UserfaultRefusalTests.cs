using System.Globalization;
using System.Runtime.Versioning;
using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Core.Storage;
using Runtime.Native;
using Runtime.Tests.Core;
using Runtime.Tests.Support;
using Runtime.Tests.Support.Linux;

namespace Runtime.Tests.Native.Memory.Linux;

/// <summary>Where <c>userfaultfd</c> is refused, the other engine takes its place, and it says why.</summary>
[LinuxOnly]
[SupportedOSPlatform("linux")]
public sealed class UserfaultRefusalTests
{
    private const int EPERM = 1;
    private const int EINVAL = 22;
    private const int ENOSYS = 38;

    [TestCase(EPERM, "seccomp profile (Docker's default one does)")]
    [TestCase(ENOSYS, "CONFIG_USERFAULTFD")]
    [TestCase(EINVAL, "needs Linux 6.4")]
    public void A_refusal_is_one_sentence_and_everything_works_without(int error, string reason)
    {
        ChildExit exit = ChildProcess.Run(WorksWithout, $"{error}");
        Assert.That(exit.Code, Is.Zero, exit.Error);
        string[] lines = exit.Output.TrimEnd('\n').Split('\n');
        Assert.That(lines, Has.Length.EqualTo(3), exit.Output);
        Assert.That(lines[0], Does.StartWith("userfaultfd is refused (").And.Contain(reason));
        Assert.That(lines[1], Is.EqualTo("Protect"));
        Assert.That(lines[2], Is.EqualTo("the trap engine Userfault is not available: " + lines[0]));
    }

    [Child]
    private static int WorksWithout(string[] args)
    {
        Seccomp.AnswerError(int.Parse(args[0], CultureInfo.InvariantCulture), Seccomp.UserfaultfdX64);
        TrapEngine userfault = Engines.Named("Userfault");
        Console.WriteLine(userfault.Unavailable);
        using var manager = new TestManager();
        var options = new KernelOptions { OpenVolume = () => new MemoryVolume(), DefaultManager = "test" };
        options.Managers.Add("test", () => manager);
        using Kernel kernel = Kernel.Boot(options);
        Console.WriteLine(kernel.Engine);
        using Container container = kernel.OpenContainer("a", 1 << 20);
        container.View.Write(8192, 42L);
        using Section section = userfault.CreateSection(1);
        try
        {
            section.OpenWindow("refused", new Nobody());
        }
        catch (PlatformNotSupportedException refusal)
        {
            Console.WriteLine(refusal.Message);
        }

        return container.View.Read<long>(8192) == 42 ? 0 : 1;
    }
}

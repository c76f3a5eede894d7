using NUnit.Framework;
using Runtime.Native;
using Runtime.Tests.Support;

namespace Runtime.Tests.Native.Memory;

public class MachineMemoryTests
{
    [Test]
    public void On_linux_it_is_what_the_system_says_is_available()
    {
        using var root = new TemporaryDirectory();
        Directory.CreateDirectory(root["proc"]);
        File.WriteAllText(
            root["proc/meminfo"], "MemTotal:       24576000 kB\nMemAvailable:    1000 kB\nBuffers: 5 kB\n");

        Assert.That(MachineMemory.ReadAvailable(root[""]), Is.EqualTo(1000 * 1024));
    }

    [Test]
    public void A_system_that_does_not_say_is_no_error()
    {
        using var root = new TemporaryDirectory();
        Directory.CreateDirectory(root["proc"]);
        File.WriteAllText(root["proc/meminfo"], "MemTotal: 24576000 kB\n");

        Assert.That(MachineMemory.ReadAvailable(root[""]), Is.Null);
    }

    [Test]
    public void Here_it_is_something() => Assert.That(MachineMemory.ReadAvailable(), Is.GreaterThan(1 << 20));
}

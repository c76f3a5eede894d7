using NUnit.Framework;
using Runtime.Native;
using Runtime.Tests.Support;

namespace Runtime.Tests.Native.Memory;

public class CgroupMemoryTests
{
    private string _root = "";

    [SetUp]
    public void CreateRoot() => _root = Directory.CreateTempSubdirectory("katydid-cgroup-").FullName;

    [TearDown]
    public void DeleteRoot() => Directory.Delete(_root, recursive: true);

    [Test]
    public void Without_control_groups_there_is_no_limit() => Assert.That(CgroupMemory.Read(_root), Is.Null);

    [Test]
    public void Version_2_says_max_when_there_is_no_limit()
    {
        Write("proc/self/cgroup", "0::/a\n");
        Write("sys/fs/cgroup/a/memory.max", "max\n");
        Assert.That(CgroupMemory.Read(_root), Is.Null);
    }

    [Test]
    public void The_smallest_limit_of_the_group_and_those_around_it_applies()
    {
        Write("proc/self/cgroup", "0::/a/b/c\n");
        Write("sys/fs/cgroup/a/b/c/memory.max", "3000000\n");
        Write("sys/fs/cgroup/a/memory.max", "1000000\n");
        Write("sys/fs/cgroup/memory.max", "2000000\n");
        Assert.That(CgroupMemory.Read(_root)?.LimitBytes, Is.EqualTo(1_000_000));
    }

    [Test]
    public void In_a_container_the_path_may_be_the_hosts()
    {
        Write("proc/self/cgroup", "0::/docker/0123\n");
        Write("sys/fs/cgroup/memory.max", "1000000\n");
        Assert.That(CgroupMemory.Read(_root)?.LimitBytes, Is.EqualTo(1_000_000));
    }

    [Test]
    public void Version_1_has_a_hierarchy_for_memory_and_a_number_that_means_none()
    {
        Write("proc/self/cgroup", "5:cpu,cpuacct:/x\n4:memory:/a\n0::/\n");
        Write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
        Assert.That(CgroupMemory.Read(_root), Is.Null);
        Write("sys/fs/cgroup/memory/a/memory.limit_in_bytes", "1000000\n");
        Assert.That(CgroupMemory.Read(_root)?.LimitBytes, Is.EqualTo(1_000_000));
    }

    [Test, LinuxOnly]                                              // no name contains a colon on Windows
    public void A_path_with_colons_is_a_path()
    {
        Write("proc/self/cgroup", "0::/a:b\n");
        Write("sys/fs/cgroup/a:b/memory.max", "1000000\n");
        Assert.That(CgroupMemory.Read(_root)?.LimitBytes, Is.EqualTo(1_000_000));
    }

    private void Write(string path, string text)
    {
        string file = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}

using NUnit.Framework;
using Runtime.Tests.Support;
using Runtime.Tool.Machine;

namespace Runtime.Tests.Tool.Machine;

public class ResourceLimitTests
{
    // The kernel fills its last column with blanks.
    private const int KernelLineWidth = 78;

    [Test]
    public void Limits_are_read_as_the_kernel_prints_them()
    {
        string file = Path.GetTempFileName();
        try
        {
            string[] lines =
            [
                "Limit                     Soft Limit           Hard Limit           Units",
                "Max open files            1024                 1048576              files",
                "Max address space         unlimited            unlimited            bytes",
                "Max nice priority         0                    0",
            ];
            File.WriteAllLines(file, lines.Select(line => line.PadRight(KernelLineWidth)));
            Assert.That(
                ResourceLimit.Read(file),
                Is.EqualTo(
                [
                    new ResourceLimit("Max open files", 1024, 1048576),
                    new ResourceLimit("Max address space", null, null),
                    new ResourceLimit("Max nice priority", 0, 0),
                ]));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Test, LinuxOnly]
    public void This_system_prints_them_so() =>
        Assert.That(ResourceLimit.Read().Select(limit => limit.Name), Does.Contain("Max open files"));
}

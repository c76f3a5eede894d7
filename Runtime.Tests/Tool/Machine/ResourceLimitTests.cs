using NUnit.Framework;
using Runtime.Tool.Machine;

namespace Runtime.Tests.Tool.Machine;

public class ResourceLimitTests
{
    [Test]
    public void Limits_are_read_as_the_kernel_prints_them()
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(
                file,
                """
                Limit                     Soft Limit           Hard Limit           Units     
                Max open files            1024                 1048576              files     
                Max address space         unlimited            unlimited            bytes     
                Max nice priority         0                    0                    

                """);
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

    [Test]
    [Platform("Linux")]
    public void This_system_prints_them_so() =>
        Assert.That(ResourceLimit.Read().Select(limit => limit.Name), Does.Contain("Max open files"));
}

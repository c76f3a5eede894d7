using NUnit.Framework;
using Runtime.Core.Memory;

namespace Runtime.Tests.Core.Memory;

public class AvailableMemoryTests
{
    private const long GiB = 1L << 30;

    [TestCase(8 * GiB, 64 * GiB, 2 * GiB, TestName = "In a group it is a quarter of the limit")]
    [TestCase(null, 64 * GiB, 32 * GiB, TestName = "Otherwise half of what is available")]
    [TestCase(64 * GiB, 4 * GiB, 2 * GiB, TestName = "And never more than half of it")]
    public void The_default_budget(long? limit, long? available, long budget) =>
        Assert.That(AvailableMemory.Choose(limit, available), Is.EqualTo(budget));

    [Test]
    public void It_is_never_less_than_what_is_accepted() =>
        Assert.That(AvailableMemory.Choose(4096, 4096), Is.EqualTo(AvailableMemory.LeastBudget));
}

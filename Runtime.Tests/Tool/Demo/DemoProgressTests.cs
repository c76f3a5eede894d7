using NUnit.Framework;
using Runtime.Core;
using Runtime.Tool.Demo;

namespace Runtime.Tests.Tool.Demo;

public class DemoProgressTests
{
    [Test]
    public void A_line_says_what_was_meant()
    {
        DemoProgress half = DemoProgress.HalfWritten(4);
        DemoProgress durable = DemoProgress.Durable(4, new StateInterval(6));
        Assert.That(half.ToLine(), Is.EqualTo("half 4"));
        Assert.That(durable.ToLine(), Is.EqualTo("durable 4 6"));
        Assert.That(DemoProgress.FromLine(half.ToLine()), Is.EqualTo(half));
        Assert.That(DemoProgress.FromLine(durable.ToLine()), Is.EqualTo(durable));
    }

    [Test]
    public void Anything_else_is_not_taken_for_progress() =>
        Assert.Throws<FormatException>(() => DemoProgress.FromLine("Unhandled exception."));
}

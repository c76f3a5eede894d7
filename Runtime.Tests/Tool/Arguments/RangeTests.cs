using System.CommandLine;
using NUnit.Framework;
using Runtime.Core;
using Runtime.Tool.Arguments;

namespace Runtime.Tests.Tool.Arguments;

/// <summary>Intervals and ranges, sizes and counts.</summary>
public class RangeTests
{
    [TestCase("5", 5ul, 5ul)]
    [TestCase("3-7", 3ul, 7ul)]
    [TestCase("3-3", 3ul, 3ul)]
    [TestCase("1-18446744073709551615", 1ul, ulong.MaxValue)]
    public void A_range_is_one_interval_or_all_from_one_to_another(string text, ulong first, ulong last)
    {
        Assert.That(IntervalRange.TryParse(text, out IntervalRange range));
        Assert.That(range, Is.EqualTo(new IntervalRange(new StateInterval(first), new StateInterval(last))));
        Assert.That(range.Contains(new StateInterval(first)) && range.Contains(new StateInterval(last)));
        Assert.That(range.Contains(new StateInterval(first - 1)), Is.False);
        Assert.That(range.IsSingle, Is.EqualTo(first == last));
    }

    [TestCase("")]
    [TestCase("0")]
    [TestCase("0-3")]
    [TestCase("7-3")]
    [TestCase("3-")]
    [TestCase("1-2-3")]
    [TestCase("1,2")]
    [TestCase("all")]
    public void Anything_else_is_no_range(string text) =>
        Assert.That(IntervalRange.TryParse(text, out _), Is.False);

    [TestCase("67108864", 64L << 20)]
    [TestCase("64MiB", 64L << 20)]
    [TestCase("64m", 64L << 20)]
    [TestCase("2GiB", 2L << 30)]
    [TestCase("65536KiB", 64L << 20)]
    [TestCase("1T", 1L << 40)]
    public void A_budget_is_bytes_with_a_unit_if_one_likes(string text, long bytes)
    {
        var budget = new BudgetOption("");
        ParseResult command = new RootCommand { budget }.Parse(["--budget", text]);
        Assert.That(command.Errors, Is.Empty);
        Assert.That(budget.Get(command), Is.EqualTo(bytes));
    }

    [TestCase("")]
    [TestCase("MiB")]
    [TestCase("-1")]
    [TestCase("1.5GiB")]
    [TestCase("64 MiB")]
    [TestCase("64MB")]
    [TestCase("9223372036854775807K")]
    [TestCase("16777216T")]
    public void Anything_else_is_no_size(string text)
    {
        ParseResult command = new RootCommand { new BudgetOption("") }.Parse(["--budget", text]);
        Assert.That(
            command.Errors.Select(error => error.Message), Is.EqualTo([$"'{text}' is no size; '64MiB' is one"]));
    }

    [Test]
    public void Less_memory_than_a_kernel_needs_is_refused()
    {
        ParseResult command = new RootCommand { new BudgetOption("") }.Parse(["--budget", "1048575"]);
        Assert.That(command.Errors.Single().Message, Does.Match("^a kernel needs at least (1|64) MiB of memory$"));
    }

    [Test]
    public void A_count_left_out_is_none_at_all()
    {
        var last = new CountOption("--last", "versions", least: 1, "");
        Assert.That(last.Get(new RootCommand { last }.Parse([])), Is.Null);
        Assert.That(last.Get(new RootCommand { last }.Parse(["--last", "7"])), Is.EqualTo(7));
    }
}

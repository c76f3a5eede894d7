using System.CommandLine;
using NUnit.Framework;
using Runtime.Core;
using Runtime.Tool.Arguments;

namespace Runtime.Tests.Tool.Arguments;

public class OptionTests
{
    [TestCase("0", 0)]
    [TestCase("4096", 4096)]
    [TestCase("0x1000", 4096)]
    [TestCase("0XfF", 255)]
    [TestCase("9223372036854775807", long.MaxValue)]
    public void An_offset_is_decimal_or_hexadecimal(string text, long expected)
    {
        var offset = new OffsetOption("");
        ParseResult command = new RootCommand { offset }.Parse(["--offset", text]);
        Assert.That(command.Errors, Is.Empty);
        Assert.That(offset.Get(command), Is.EqualTo(expected));
    }

    [TestCase("")]
    [TestCase("-1")]
    [TestCase("1,000")]
    [TestCase("1k")]
    [TestCase("0x")]
    [TestCase("0xffffffffffffffff")]
    [TestCase("9223372036854775808")]
    public void Anything_else_is_no_offset(string text)
    {
        ParseResult command = new RootCommand { new OffsetOption("") }.Parse(["--offset", text]);
        Assert.That(command.Errors.Select(error => error.Message), Is.EqualTo([$"'{text}' is no byte offset"]));
    }

    [Test]
    public void An_interval_left_out_is_none_at_all()
    {
        var at = new IntervalOption("");
        Assert.That(at.Get(new RootCommand { at }.Parse([])), Is.Null);
        Assert.That(at.Get(new RootCommand { at }.Parse(["--at", "7"])), Is.EqualTo(new StateInterval(7)));
    }

    [Test]
    public void Text_may_look_like_an_option()
    {
        var bytes = new BytesOptions("");
        var root = new RootCommand();
        bytes.AddTo(root);
        Assert.That(bytes.Get(root.Parse(["--text", "--hex"])), Is.EqualTo("--hex"u8.ToArray()));
    }

    [Test]
    public void Hexadecimal_digits_are_bytes()
    {
        var bytes = new BytesOptions("");
        var root = new RootCommand();
        bytes.AddTo(root);
        Assert.That(bytes.Get(root.Parse(["--hex", "55 aa"])), Is.EqualTo(new byte[] { 0x55, 0xAA }));
    }

    [Test]
    [NonParallelizable]
    public void The_volume_is_the_option_or_the_variable_or_the_default()
    {
        var volume = new VolumeOption();
        var root = new RootCommand { volume };
        string? before = Environment.GetEnvironmentVariable(VolumeOption.EnvironmentVariable);
        try
        {
            Environment.SetEnvironmentVariable(VolumeOption.EnvironmentVariable, "from the variable");
            Assert.That(volume.Resolve(root.Parse(["--volume", "from the option"])), Is.EqualTo("from the option"));
            Assert.That(volume.Resolve(root.Parse([])), Is.EqualTo("from the variable"));
            Environment.SetEnvironmentVariable(VolumeOption.EnvironmentVariable, null);
            Assert.That(volume.Resolve(root.Parse([])), Is.EqualTo(VolumeOption.DefaultDirectory));
        }
        finally
        {
            Environment.SetEnvironmentVariable(VolumeOption.EnvironmentVariable, before);
        }
    }
}

using NUnit.Framework;

namespace Runtime.Tests.Support;

public class ChildProcessTests
{
    [Test]
    public void A_child_gets_its_arguments_and_returns_output_errors_and_exit_code()
    {
        ChildExit exit = ChildProcess.Run(Speaks, "two words", "ümlaut \"quoted\"");

        Assert.That(exit.Output, Is.EqualTo("two words|ümlaut \"quoted\"\n"));
        Assert.That(exit.Error, Does.StartWith("complaint\n"));
        Assert.That(exit.Code, Is.EqualTo(3));
    }

    [Test]
    public void A_killed_child_leaves_the_lines_it_wrote_before()
    {
        using ChildProcess child = ChildProcess.Start(SpeaksAndStays);
        Assert.That(child.ReadLine(), Is.EqualTo("here"));

        child.Kill();

        Assert.That(child.ReadLine(), Is.Null);
        Assert.That(child.WaitForExit().Code, Is.Not.Zero);
    }

    [Test]
    public void Only_a_marked_static_method_can_be_a_child() =>
        Assert.That(() => ChildProcess.Start(static args => args.Length), Throws.ArgumentException);

    [Child]
    private static int Speaks(string[] args)
    {
        Console.OutputEncoding = System.Text.Encoding.UTF8;
        Console.WriteLine(string.Join('|', args));
        Console.Error.WriteLine("complaint");
        return 3;
    }

    [Child]
    private static int SpeaksAndStays(string[] args)
    {
        Console.WriteLine("here");
        Thread.Sleep(Timeout.Infinite);
        return 0;
    }
}

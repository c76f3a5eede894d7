using System.Diagnostics;
using NUnit.Framework;

namespace Runtime.Tests.Support;

public class DeadlineTests
{
    private const string HangVariable = "KATYDID_TEST_HANG";

    [Test]
    [Deadline(seconds: 2)]
    public void A_test_within_its_deadline_is_left_alone()
    {
        if (Environment.GetEnvironmentVariable(HangVariable) is "1")
        {
            Thread.Sleep(Timeout.Infinite); // what the next test looks at from outside
        }
    }

    [Test]
    public void A_test_beyond_its_deadline_ends_the_process_with_a_dump()
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            ArgumentList = { "--filter", $"Name={nameof(A_test_within_its_deadline_is_left_alone)}" },
            Environment = { [HangVariable] = "1" },
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        start.Environment.Remove("KATYDID_HEARTBEAT");
        using Process child = Process.Start(start)!;
        Task<string> stdout = child.StandardOutput.ReadToEndAsync();
        string stderr = child.StandardError.ReadToEnd();
        child.WaitForExit();

        Assert.That(child.ExitCode, Is.Not.Zero, stdout.Result);
        Assert.That(stderr, Does.Contain($"{nameof(A_test_within_its_deadline_is_left_alone)} runs for more than 2 s"));
        Assert.That(stderr, Does.Contain("Pool: "), "the dump");
    }
}

using System.Diagnostics;
using NUnit.Framework;
using Runtime.Native;
using Runtime.Tests.Support;

namespace Runtime.Tests.Native.Faults.Linux;

/// <summary>SIGSEGV and SIGBUS that somebody sent are no faults: only kernel-generated page faults are ours.</summary>
[LinuxOnly]
public sealed class SentSignalTests(TrapEngine engine) : TrapContract(engine)
{
    private static readonly TimeSpan s_time = TimeSpan.FromSeconds(3);

    [TestCase("SEGV")]
    [TestCase("BUS")]
    public void A_signal_sent_by_another_process_ends_this_one_as_without_us(string signal)
    {
        (int sentWithout, ChildExit without) = KillWith(signal);
        (int sentWith, ChildExit with) = KillWith(signal, Engine.Name);
        Assert.That(with.Code, Is.EqualTo(without.Code));
        Assert.That(with.Error.Split('\n')[0], Is.EqualTo(without.Error.Split('\n')[0]));
        Assert.That(sentWith, Is.EqualTo(sentWithout));
        Assert.That(with.Code, Is.GreaterThan(128));
    }

    /// <summary>
    /// The runtime takes a sent one for a fault whose instruction will run again, and dies of the next.
    /// </summary>
    private static (int Sent, ChildExit Exit) KillWith(string signal, params string[] args)
    {
        using ChildProcess child = ChildProcess.Start(ForeignFaults.WaitsToBeKilled, args);
        Assert.That(child.ReadLine(), Is.EqualTo("ready"));
        for (int sent = 1; ; sent++)
        {
            using Process kill = Process.Start("/bin/sh", ["-c", $"kill -{signal} {child.Id}"]);
            kill.WaitForExit();
            if (HasEnded(child))
            {
                return (sent, child.WaitForExit());
            }

            Assert.That(sent, Is.LessThan(5), "it does not die");
        }
    }

    private static bool HasEnded(ChildProcess child)
    {
        try
        {
            return child.ReadLine(s_time) is null;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}

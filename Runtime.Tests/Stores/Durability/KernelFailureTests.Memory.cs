using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using NUnit.Framework;
using Runtime.Tests.Native;
using Runtime.Tests.Stores.Disks;
using Runtime.Tests.Support;
using Runtime.Tests.Support.Linux;

namespace Runtime.Tests.Stores.Durability;

/// <content>The system's own calls for memory fail, in a child whose imports lead to functions that count.</content>
public partial class KernelFailureTests
{
    private const int OfFirst = 12;                             // calls of a new process that are made once

    [Test, LinuxOnly, Deadline(300)]
    public void Whichever_call_for_memory_fails_the_kernel_goes_on()
    {
        long since = Stopwatch.GetTimestamp();
        ChildExit exit = RunWithRefusals(first: 1, last: int.MaxValue);
        Assert.That(exit.Code, Is.Zero, exit.Output + exit.Error);
        string[] lines = exit.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[][] refused = [.. lines.Select(line => line.Split(' '))];
        Assert.That(refused.Length, Is.GreaterThan(20));
        string calls = string.Join(
            ", ", refused.GroupBy(line => line[0]).Select(group => $"{group.Key} {group.Count()}"));
        TestContext.Out.WriteLine(
            $"{engine}: {calls} failed, of {refused.Count(line => line[1] != "0")} an exception told, in "
                + $"{Stopwatch.GetElapsedTime(since).TotalSeconds:f1} s");
        Assert.That(refused.Select(line => line[0]), Is.SupersetOf(["mmap", "memfd_create", "madvise"]));
    }

    /// <summary>What a process finds out once it must not take for found out when it could not.</summary>
    [Test, LinuxOnly, Deadline(300)]
    public void Whichever_of_the_first_calls_for_memory_fails_the_kernel_goes_on([Range(1, OfFirst)] int number)
    {
        ChildExit exit = RunWithRefusals(number, number);
        Assert.That(exit.Code, Is.Zero, exit.Output + exit.Error);
        Assert.That(exit.Output, Is.Not.Empty);
    }

    private ChildExit RunWithRefusals(int first, int last)
    {
        Assume.That(RuntimeInformation.ProcessArchitecture, Is.EqualTo(Architecture.X64));
        using var child = ChildProcess.Start(
            RefusesMemory,
            [
                $"{engine}",
                _directory.Path,
                first.ToString(CultureInfo.InvariantCulture),
                last.ToString(CultureInfo.InvariantCulture),
            ],
            start => start.Environment["LD_PRELOAD"] = Refusals.Preload);
        return child.WaitForExit(TimeSpan.FromSeconds(240));
    }

    [Child]
    private static int RefusesMemory(string[] args)
    {
        if (!OperatingSystem.IsLinux())
        {
            return 1;
        }

        Refusals.Install();
        var tests = new KernelFailureTests(Engines.Named(args[0]));
        int last = int.Parse(args[3], CultureInfo.InvariantCulture);
        for (int number = int.Parse(args[2], CultureInfo.InvariantCulture); number <= last; number++)
        {
            var system = new SimulatedFileSystem(args[1], seed: number);
            Refusals.Refuse(number);
            var run = new KernelFailureRun(
                tests, system, Path.Combine(args[1], $"r{number}"), $"call {number}", Refusals.End);
            run.Do();
            if (Refusals.Refused is not { } refused)
            {
                break;
            }

            // Whoever is told is told which call it was, and its number.
            string name = refused == "ioctl" ? "UFFDIO_" : refused;
            if (run.Told > 0 && !(Says(run, name) && Says(run, "(12)")))
            {
                Console.WriteLine($"{refused}, {number}: {run.Words}");
                return 2;
            }

            Console.WriteLine($"{refused} {run.Told} {run.Words.Split((char)10)[0]}");
        }

        return 0;
    }

    private static bool Says(KernelFailureRun run, string what) => run.Words.Contains(what, StringComparison.Ordinal);
}

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Runtime.Tests.Support;

/// <summary>Ends the process when a test misses its deadline: nothing in it can be trusted to end by itself.</summary>
/// <remarks>
/// A stopped runtime (a collection that waits for a thread stuck in a fault) stops this thread, too. Then its signs of
/// life cease: scripts/test.sh sees that in the heartbeat file, and on Linux the kernel's alarm clock ends us anyway.
/// </remarks>
internal static partial class Watchdog
{
    private const int StandstillSeconds = 120;

    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(1);
    private static readonly ConcurrentDictionary<string, Watched> s_watched = new();
    private static readonly string? s_heartbeatFile = Environment.GetEnvironmentVariable("KATYDID_HEARTBEAT");
    private static readonly Lazy<Thread> s_thread = new(StartThread);

    public static void Watch(string id, string name, TimeSpan limit)
    {
        s_watched[id] = new Watched(name, Environment.TickCount64, limit);
        _ = s_thread.Value;
    }

    public static void Forget(string id) => s_watched.TryRemove(id, out _);

    private static Thread StartThread()
    {
        // A thread of its own: the pool's may all sit in faults.
        var thread = new Thread(Run) { IsBackground = true, Name = "Watchdog", Priority = ThreadPriority.AboveNormal };
        thread.Start();
        return thread;
    }

    private static void Run()
    {
        using var never = new ManualResetEventSlim();
        while (true)
        {
            GiveSignOfLife();
            foreach (Watched watched in s_watched.Values)
            {
                if (watched.Elapsed > watched.Limit && !Debugger.IsAttached)
                {
                    EndProcess(watched);
                }
            }

            never.Wait(s_period);
        }
    }

    private static void GiveSignOfLife()
    {
        if (OperatingSystem.IsLinux())
        {
            _ = alarm(Debugger.IsAttached ? 0u : StandstillSeconds);
        }

        if (s_heartbeatFile is null)
        {
            return;
        }

        try
        {
            File.WriteAllLines(s_heartbeatFile, s_watched.Values.Select(watched => watched.Name));
        }
        catch (IOException)
        {
            // Somebody reads it just now; the next one comes in a second.
        }
    }

    private static void EndProcess(Watched late)
    {
        var text = new StringBuilder();
        text.AppendLine(
            CultureInfo.InvariantCulture, $"DEADLINE: {late.Name} runs for more than {late.Limit.TotalSeconds} s.");
        foreach (Watched other in s_watched.Values.Where(other => other != late))
        {
            text.AppendLine(
                CultureInfo.InvariantCulture, $"  beside it for {other.Elapsed.TotalSeconds:F1} s: {other.Name}");
        }

        ThreadDump.AppendTo(text);
        // NUnit has put itself in front of Console.Error, and would keep the text until the test ends.
        using (Stream stderr = Console.OpenStandardError())
        {
            stderr.Write(Encoding.UTF8.GetBytes(text.ToString()));
        }

        Environment.FailFast($"{late.Name} missed its deadline");
    }

    // Not inherited by children, and reset by each call.
    [LibraryImport("libc")]
    private static partial uint alarm(uint seconds);

    private sealed record Watched(string Name, long Start, TimeSpan Limit)
    {
        public TimeSpan Elapsed => TimeSpan.FromMilliseconds(Environment.TickCount64 - Start);
    }
}

using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Runtime.Tests.Support;

/// <summary>What each thread of this process waits for, as far as the system tells without a debugger.</summary>
internal static class ThreadDump
{
    public static void AppendTo(StringBuilder text)
    {
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"Pool: {ThreadPool.ThreadCount} threads, {ThreadPool.PendingWorkItemCount} items waiting. " +
            $"Collections: {GC.CollectionCount(0)}/{GC.CollectionCount(1)}/{GC.CollectionCount(2)}.");
        if (OperatingSystem.IsLinux())
        {
            AppendLinuxThreads(text);
        }
        else
        {
            AppendThreads(text);
        }
    }

    private static void AppendLinuxThreads(StringBuilder text)
    {
        text.AppendLine("  thread  name             state  waits in                     system call");
        foreach (string task in Directory.EnumerateDirectories("/proc/self/task").Order(StringComparer.Ordinal))
        {
            string status = Read(task, "status").Split('\n').FirstOrDefault(line => line.StartsWith("State:")) ?? "?";
            string state = status.Length > 7 ? status[7..8] : "?";
            text.AppendLine(
                CultureInfo.InvariantCulture,
                $"{Path.GetFileName(task),8}  {Read(task, "comm"),-16} {state,-6} " +
                $"{Read(task, "wchan"),-28} {Read(task, "syscall")}");
        }
    }

    private static string Read(string task, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(task, file)).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "?"; // the thread has ended, or the file is the superuser's
        }
    }

    private static void AppendThreads(StringBuilder text)
    {
        foreach (ProcessThread thread in Process.GetCurrentProcess().Threads)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  {thread.Id,6}  {Describe(thread)}");
        }
    }

    private static string Describe(ProcessThread thread)
    {
        try
        {
            System.Diagnostics.ThreadState state = thread.ThreadState;
            string reason = state == System.Diagnostics.ThreadState.Wait ? $" ({thread.WaitReason})" : "";
            return $"{state}{reason}, {thread.TotalProcessorTime.TotalSeconds:F1} s of processor time";
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException or NotSupportedException)
        {
            return "ended";
        }
    }
}

using System.Diagnostics;
using System.Reflection;

namespace Runtime.Tool.Demo;

/// <summary>How to start katydid again, whichever way this one was started.</summary>
internal static class KatydidProcess
{
    internal static ProcessStartInfo StartInfo(params ReadOnlySpan<string> args)
    {
        var startInfo = new ProcessStartInfo
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
        };
        string assembly = typeof(KatydidProcess).Assembly.GetName().Name!;
        string running = Environment.ProcessPath!;
        if (Assembly.GetEntryAssembly() != typeof(KatydidProcess).Assembly)
        {
            // Inside another program, as in tests: its directory has ours beside it.
            string extension = OperatingSystem.IsWindows() ? ".exe" : "";
            startInfo.FileName = Path.Combine(AppContext.BaseDirectory, assembly + extension);
        }
        else
        {
            startInfo.FileName = running;
            if (Path.GetFileNameWithoutExtension(running) == "dotnet")
            {
                startInfo.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, assembly + ".dll"));
            }
        }

        foreach (string arg in args)
        {
            startInfo.ArgumentList.Add(arg);
        }

        return startInfo;
    }
}

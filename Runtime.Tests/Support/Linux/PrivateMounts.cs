using System.Diagnostics;
using System.Runtime.Versioning;

namespace Runtime.Tests.Support.Linux;

/// <summary>
/// File systems that only one process, a child, and those that it starts can see; they go when the last of these ends,
/// however it ends.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class PrivateMounts
{
    private static readonly Lazy<string?> s_whyNot = new(WhyNot);

    /// <summary>Starts a child that may mount, or skips the test where nobody may.</summary>
    internal static ChildProcess Start(Func<string[], int> child, params string[] args)
    {
        Requires.Permission(s_whyNot.Value is null, s_whyNot.Value ?? "");
        return ChildProcess.Start(child, args, start =>
        {
            string[] command = [start.FileName, .. start.ArgumentList];
            start.FileName = "unshare";
            start.ArgumentList.Clear();
            foreach (string word in (string[])["--mount", "--propagation", "private", "--", .. command])
            {
                start.ArgumentList.Add(word);
            }
        });
    }

    /// <summary>In the child: makes a file system of a kind in a sparse file, and mounts it, or a tmpfs.</summary>
    /// <returns>Its directory.</returns>
    internal static string Make(string directory, string kind, long byteLength, string options = "rw")
    {
        string mountPoint = Path.Combine(directory, "mounted");
        Directory.CreateDirectory(mountPoint);
        if (kind == "tmpfs")
        {
            Run("mount", "-t", "tmpfs", "-o", $"{options},size={byteLength}", "none", mountPoint);
            return mountPoint;
        }

        string image = ImageIn(directory);
        using (FileStream file = File.Create(image))
        {
            file.SetLength(byteLength);
        }

        Run($"mkfs.{kind}", "-q", image);
        Run("mount", "-t", kind, "-o", $"loop,{options}", image, mountPoint);
        return mountPoint;
    }

    internal static string ImageIn(string directory) => Path.Combine(directory, "image");

    /// <summary>Runs a command that must succeed; returns what it prints.</summary>
    internal static string Run(string command, params string[] arguments)
    {
        (int code, string output) = Try(command, arguments);
        return code == 0
            ? output
            : throw new InvalidOperationException($"{command} {string.Join(' ', arguments)}: code {code}, {output}");
    }

    internal static (int Code, string Output) Try(string command, params string[] arguments)
    {
        var start = new ProcessStartInfo(command, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }

    private static string? WhyNot()
    {
        string directory = Directory.CreateTempSubdirectory("katydid-mount-").FullName;
        try
        {
            (int code, string output) = Try(
                "unshare", "--mount", "--propagation", "private", "--", "mount", "-t", "tmpfs", "none", directory);
            return code == 0 ? null : $"nothing can be mounted here: {output.Trim()}";
        }
        finally
        {
            Directory.Delete(directory);
        }
    }
}

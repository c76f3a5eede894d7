using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;

namespace Runtime.Tests.Support.Linux;

/// <summary>A control group with a memory limit, inside the one of this process, in version 1 or 2.</summary>
[SupportedOSPlatform("linux")]
internal sealed class MemoryGroup : IDisposable
{
    private readonly string _directory;

    private MemoryGroup(string directory) => _directory = directory;

    /// <summary>Null, with the reason, where this process may not make one.</summary>
    internal static MemoryGroup? TryCreate(long limitBytes, out string reason)
    {
        string name = $"katydid-{Environment.ProcessId}-{Guid.NewGuid():N}";
        (string parent, string limitFile) = Parent();
        string directory = Path.Combine(parent, name);
        try
        {
            Directory.CreateDirectory(directory);
            File.WriteAllText(Path.Combine(directory, limitFile), limitBytes.ToString(CultureInfo.InvariantCulture));
            reason = "";
            return new MemoryGroup(directory);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            Remove(directory);
            reason = $"no control group with a memory limit can be made here: {refused.Message}";
            return null;
        }
    }

    /// <summary>Lets a process begin inside the group: the runtime reads the limit when it starts.</summary>
    internal void Host(ProcessStartInfo process)
    {
        string[] command = [process.FileName, .. process.ArgumentList];
        process.FileName = "/bin/sh";
        process.ArgumentList.Clear();
        foreach (string word in (string[])["-c", "echo $$ > \"$0\" && exec \"$@\"", Processes, .. command])
        {
            process.ArgumentList.Add(word);
        }
    }

    public void Dispose() => Remove(_directory);

    private string Processes => Path.Combine(_directory, "cgroup.procs");

    private static (string Directory, string LimitFile) Parent()
    {
        string[] memberships = File.ReadAllLines("/proc/self/cgroup");
        string? version1 = memberships.FirstOrDefault(line => line.Split(':')[1].Split(',').Contains("memory"));
        string path = (version1 ?? memberships[^1]).Split(':', 3)[2].TrimStart('/');
        return version1 is not null
            ? (Existing("/sys/fs/cgroup/memory", path), "memory.limit_in_bytes")
            : (Existing("/sys/fs/cgroup", path), "memory.max");
    }

    /// <summary>Inside a container only the root of the tree may be there.</summary>
    private static string Existing(string root, string path) =>
        Directory.Exists(Path.Combine(root, path)) ? Path.Combine(root, path) : root;

    /// <summary>The system removes a group only when the last of its processes is quite gone.</summary>
    private static void Remove(string directory)
    {
        for (int attempt = 0; attempt < 100 && Directory.Exists(directory); attempt++)
        {
            try
            {
                Directory.Delete(directory);
            }
            catch (IOException)
            {
                Thread.Sleep(20);
            }
        }
    }
}

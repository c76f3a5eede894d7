using System.Globalization;

namespace Runtime.Native;

/// <summary>The memory limit that control groups put on this process, in version 1 or 2.</summary>
/// <param name="LimitBytes">The smallest limit of the process's group and the groups around it.</param>
/// <param name="Source">The file that holds it.</param>
public sealed record CgroupMemory(long LimitBytes, string Source)
{
    // Version 1 writes "no limit" as the largest multiple of a page below 2^63.
    private const long NoLimitFrom = 1L << 62;

    /// <summary>Reads the limit, or null if there is none.</summary>
    /// <param name="root">The root of the file system; tests put a directory in its place.</param>
    public static CgroupMemory? Read(string root = "/")
    {
        string memberships = Path.Combine(root, "proc/self/cgroup");
        if (!File.Exists(memberships))
        {
            return null;
        }

        return File.ReadLines(memberships)
            .SelectMany(line => CandidatesFor(root, line.Split(':', 3)))
            .Select(ReadLimit)
            .OfType<CgroupMemory>()
            .MinBy(limit => limit.LimitBytes);
    }

    /// <summary>Lines are <c>id:controllers:path</c>; version 2 is id 0 without controllers.</summary>
    private static IEnumerable<string> CandidatesFor(string root, string[] membership)
    {
        if (membership is ["0", "", string unifiedPath])
        {
            string mount = Path.Combine(root, "sys/fs/cgroup");
            string hybridMount = Path.Combine(mount, "unified");
            return Ancestors(Directory.Exists(hybridMount) ? hybridMount : mount, unifiedPath, "memory.max");
        }

        return membership is [_, string controllers, string path] && controllers.Split(',').Contains("memory")
            ? Ancestors(Path.Combine(root, "sys/fs/cgroup/memory"), path, "memory.limit_in_bytes")
            : [];
    }

    /// <summary>The file in the group and in each one around it; in a container only the root may exist.</summary>
    private static IEnumerable<string> Ancestors(string mount, string path, string file)
    {
        for (string group = path.Trim('/'); ; group = Path.GetDirectoryName(group) ?? "")
        {
            yield return Path.Combine(mount, group, file);
            if (group.Length == 0)
            {
                yield break;
            }
        }
    }

    private static CgroupMemory? ReadLimit(string file)
    {
        string text = File.Exists(file) ? File.ReadAllText(file).Trim() : "";
        bool isNumber = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long bytes);
        return isNumber && bytes < NoLimitFrom ? new CgroupMemory(bytes, file) : null;
    }
}

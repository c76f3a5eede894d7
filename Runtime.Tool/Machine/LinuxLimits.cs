using System.Globalization;
using Runtime.Native;
using Runtime.Tool.Output;

namespace Runtime.Tool.Machine;

/// <summary>What Linux grants this process, as far as it bounds what a kernel can hold.</summary>
internal static class LinuxLimits
{
    // What the kernel leaves to the runtime and everybody else of vm.max_map_count.
    private const int MappingsLeftToOthers = 8_192;

    // Those that bound memory, addresses, files and threads; the other limits do not concern us.
    private static readonly string[] s_limits =
        ["Max address space", "Max data size", "Max open files", "Max file size", "Max processes", "Max stack size"];

    internal static IReadOnlyList<Finding> Collect() =>
    [
        MaxMapCount(),
        Overcommit(),
        CgroupLimit(),
        Addresses(),
        .. ResourceLimit.Read().Where(limit => s_limits.Contains(limit.Name)).Select(Describe),
        Seccomp(),
    ];

    private static Finding MaxMapCount()
    {
        int mappings = File.ReadLines("/proc/self/maps").Count();
        string inUse = $"{Format.Count(mappings)} in use";
        if (!long.TryParse(ReadSetting("vm/max_map_count"), CultureInfo.InvariantCulture, out long maximum))
        {
            return new("vm.max_map_count", "unknown", inUse);
        }

        return new("vm.max_map_count", Format.Count(maximum), maximum > MappingsLeftToOthers + mappings
            ? inUse
            : $"{inUse}; no room beside the {Format.Count(MappingsLeftToOthers)} left to others");
    }

    private static Finding Overcommit()
    {
        string mode = ReadSetting("vm/overcommit_memory") ?? "unknown";
        return new("vm.overcommit_memory", mode, mode == "2" ? "strict: large containers may be refused" : null);
    }

    private static Finding CgroupLimit() => CgroupMemory.Read() is { } limit
        ? new("cgroup memory limit", Format.Bytes(limit.LimitBytes), limit.Source)
        : new("cgroup memory limit", "none");

    private static Finding Addresses() =>
        new("address space", ReadField("/proc/cpuinfo", "address sizes") ?? "unknown");

    private static Finding Describe(ResourceLimit limit)
    {
        string name = char.ToLowerInvariant(limit.Name[0]) + limit.Name[1..];
        string? remark = limit.Soft == limit.Hard ? null : $"may be raised to {DescribeValue(limit.Hard)}";
        if (limit is { Name: "Max address space" or "Max data size", Soft: not null })
        {
            remark = "bounds the length of all windows together";
        }

        return new(name, DescribeValue(limit.Soft), remark);
    }

    private static string DescribeValue(long? value) => value is { } known ? Format.Count(known) : "unlimited";

    private static Finding Seccomp() => new("seccomp", ReadField("/proc/self/status", "Seccomp") switch
    {
        "0" => "no filter",
        "2" => "filtered",
        _ => "unknown",
    });

    /// <summary>The first value that a file of <c>name: value</c> lines has for a name.</summary>
    private static string? ReadField(string file, string name) => File.ReadLines(file)
        .Select(line => line.Split(':', 2, StringSplitOptions.TrimEntries))
        .FirstOrDefault(field => field is [string found, _] && found == name)?[1];

    private static string? ReadSetting(string name)
    {
        string file = $"/proc/sys/{name}";
        return File.Exists(file) ? File.ReadAllText(file).Trim() : null;
    }
}

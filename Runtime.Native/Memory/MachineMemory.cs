using System.Globalization;

namespace Runtime.Native;

/// <summary>What the machine has left, whoever else uses it.</summary>
public static class MachineMemory
{
    /// <summary>Bytes that can be used without others being pushed out; null if the system does not say.</summary>
    /// <param name="root">The root of the file system; tests put a directory in its place.</param>
    /// <remarks>
    /// On Linux <c>MemAvailable</c> of <c>/proc/meminfo</c> (proc(5)); elsewhere what the runtime sees.
    /// </remarks>
    public static long? ReadAvailable(string root = "/")
    {
        string file = Path.Combine(root, "proc/meminfo");
        return File.Exists(file) ? ReadAvailableFrom(file) : FromRuntime();
    }

    private static long? ReadAvailableFrom(string file)
    {
        foreach (string line in File.ReadLines(file))
        {
            // MemAvailable:   12345 kB
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words is ["MemAvailable:", string kilobytes, "kB"])
            {
                return long.Parse(kilobytes, NumberStyles.None, CultureInfo.InvariantCulture) * 1024;
            }
        }

        return null;
    }

    /// <summary>Less what was in use at the last collection: nothing before the first.</summary>
    private static long FromRuntime()
    {
        GCMemoryInfo memory = GC.GetGCMemoryInfo(GCKind.Any);
        return Math.Max(memory.TotalAvailableMemoryBytes - memory.MemoryLoadBytes, 0);
    }
}

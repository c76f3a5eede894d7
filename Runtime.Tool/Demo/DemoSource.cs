using System.Runtime.InteropServices;

namespace Runtime.Tool.Demo;

/// <summary>A real file to show everything with.</summary>
internal static class DemoSource
{
    /// <summary>The given file, or the largest library of the .NET runtime, which every machine has.</summary>
    internal static string Choose(string? given)
    {
        string file = given ?? LargestLibrary() ?? Environment.ProcessPath!;
        using FileStream source = SourceFile.Open(file);
        return source.Length > 0
            ? Path.GetFullPath(file)
            : throw new RefusedException($"'{file}' is empty; the demo needs bytes to change");
    }

    private static string? LargestLibrary() =>
        new DirectoryInfo(RuntimeEnvironment.GetRuntimeDirectory())
            .EnumerateFiles("*.dll")
            .MaxBy(file => file.Length)?.FullName;
}

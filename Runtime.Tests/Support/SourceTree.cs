using System.Reflection;
using NUnit.Framework;

namespace Runtime.Tests.Support;

/// <summary>The checkout that the tests were built from.</summary>
internal static class SourceTree
{
    private static readonly string s_builtFrom = typeof(SourceTree).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "SourceRoot").Value!;

    /// <summary>The checkout's root; the test is inconclusive where the sources cannot be reached.</summary>
    public static string Root
    {
        get
        {
            // Under Wine, Linux' files are on drive Z:.
            string root = OperatingSystem.IsWindows() && s_builtFrom[0] == '/' ? "Z:" + s_builtFrom : s_builtFrom;
            if (!File.Exists(Path.Combine(root, "Runtime.sln")))
            {
                Assert.Inconclusive($"the sources are not at {root}");
            }

            return root;
        }
    }

    public static string Combine(params ReadOnlySpan<string> parts) => Path.Combine([Root, .. parts]);

    /// <summary>The repository's own text files, as paths from its root with forward slashes.</summary>
    public static IEnumerable<string> Files()
    {
        string root = Root;
        return Walk(root)
            .Select(file => Path.GetRelativePath(root, file).Replace('\\', '/'))
            .Order(StringComparer.Ordinal);
    }

    private static IEnumerable<string> Walk(string directory) =>
        Directory.EnumerateFiles(directory).Concat(
            Directory.EnumerateDirectories(directory).Where(IsSource).SelectMany(Walk));

    private static bool IsSource(string directory) =>
        Path.GetFileName(directory) is not (".git" or ".vs" or ".vscode" or ".idea" or "bin" or "obj" or "artifacts" or
            "TestResults" or "BenchmarkDotNet.Artifacts");
}

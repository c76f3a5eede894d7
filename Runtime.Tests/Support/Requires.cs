using NUnit.Framework;

namespace Runtime.Tests.Support;

/// <summary>What a test needs from its surroundings.</summary>
internal static class Requires
{
    private static readonly bool s_noSkip = Environment.GetEnvironmentVariable("KATYDID_NO_SKIP") is "1";

    /// <summary>A command on the path; its file. Under --no-skip its absence fails the test.</summary>
    public static string Command(string name, string package)
    {
        string? file = (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(directory => Path.Combine(directory, name))
            .FirstOrDefault(File.Exists);
        if (file is null)
        {
            Installable($"{name} is not installed (package {package})");
        }

        return file!;
    }

    /// <summary>Skips, or fails where skipping is forbidden, for want of what scripts/setup.sh installs.</summary>
    public static void Installable(string reason)
    {
        if (s_noSkip)
        {
            Assert.Fail(reason);
        }

        Assert.Ignore(reason);
    }

    /// <summary>Skips for want of a permission, as to mount or to open userfaultfd; always with its reason.</summary>
    public static void Permission(bool granted, string reason)
    {
        if (!granted)
        {
            Assert.Ignore(reason);
        }
    }
}

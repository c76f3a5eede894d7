using NUnit.Framework;
using Runtime.Tests.Support;

namespace Runtime.Tests.Repository;

/// <summary>The public surface is a text that is reviewed, so that no change of it goes unseen.</summary>
public class PublicSurfaceTests
{
    private const string AcceptVariable = "KATYDID_ACCEPT_PUBLIC_API";

    [TestCaseSource(typeof(Libraries), nameof(Libraries.Names))]
    public void The_public_surface_is_the_reviewed_one(string library)
    {
        string file = SourceTree.Combine(library, "PublicApi.txt");
        string actual = PublicSurface.Of(Libraries.Load(library));
        if (Environment.GetEnvironmentVariable(AcceptVariable) is "1")
        {
            File.WriteAllText(file, actual);
        }

        string reviewed = File.Exists(file) ? File.ReadAllText(file).ReplaceLineEndings("\n") : "";
        if (actual != reviewed)
        {
            Assert.Fail(
                $"{library}/PublicApi.txt differs (- reviewed, + compiled):\n{Difference(reviewed, actual)}\n" +
                $"If this is intended, run the tests once with {AcceptVariable}=1 and commit the file.");
        }
    }

    /// <summary>The lines of either that the other lacks, under the type that they belong to.</summary>
    private static string Difference(string reviewed, string actual)
    {
        HashSet<string> before = [.. Qualified(reviewed)];
        HashSet<string> after = [.. Qualified(actual)];
        return string.Join('\n', before.Except(after).Select(line => "- " + line)
            .Concat(after.Except(before).Select(line => "+ " + line)));
    }

    private static IEnumerable<string> Qualified(string text)
    {
        string type = "";
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line[0] != ' ')
            {
                type = line.Split(' ').Last(word => word.Contains('.', StringComparison.Ordinal));
                yield return line;
            }
            else
            {
                yield return $"{type}: {line.Trim()}";
            }
        }
    }
}

using System.CommandLine;
using System.CommandLine.Parsing;

namespace Runtime.Tool.Arguments;

/// <summary><c>--volume DIR</c>, the same for every verb.</summary>
internal sealed class VolumeOption : Option<string>
{
    internal const string EnvironmentVariable = "KATYDID_VOLUME";

    internal const string DefaultDirectory = "katydid.volume";

    internal VolumeOption()
        : base("--volume")
    {
        HelpName = "DIR";
        Recursive = true;
        Description = $"The volume's directory; by default ${EnvironmentVariable}, if unset ./{DefaultDirectory}.";
        Validators.Add(RefuseEmpty);
    }

    /// <summary>Where the volume is, whether or not it exists.</summary>
    internal string Resolve(ParseResult command) => command.GetValue(this) ?? FromEnvironment() ?? DefaultDirectory;

    private static string? FromEnvironment() =>
        Environment.GetEnvironmentVariable(EnvironmentVariable) is { Length: > 0 } directory ? directory : null;

    // An empty variable in a script must not turn into the current directory.
    private static void RefuseEmpty(OptionResult result)
    {
        if (result.Tokens is [{ Value.Length: 0 }])
        {
            result.AddError("option '--volume' needs a directory");
        }
    }
}

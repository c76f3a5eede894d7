using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Runtime.Core;

namespace Runtime.Tool.Arguments;

/// <summary><c>--at INTERVAL</c>, or under another name: a version, as <c>history</c> names it.</summary>
internal sealed class IntervalOption : Option<StateInterval?>
{
    internal IntervalOption(string description, string name = "--at")
        : base(name)
    {
        HelpName = "INTERVAL";
        Description = description;
        CustomParser = Parse;
    }

    internal StateInterval? Get(ParseResult command) => command.GetValue(this);

    private static StateInterval? Parse(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (!ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong interval) || interval == 0)
        {
            result.AddError($"'{text}' is no interval; 'katydid history' lists them");
            return null;
        }

        return new StateInterval(interval);
    }
}

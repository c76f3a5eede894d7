using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Runtime.Tool.Arguments;

/// <summary>An option that takes a number of something: <c>--last N</c>.</summary>
internal sealed class CountOption : Option<int?>
{
    private readonly string _noun;
    private readonly int _least;

    /// <param name="name">With its dashes.</param>
    /// <param name="noun">What is counted, in the plural.</param>
    /// <param name="least">The smallest number that makes sense.</param>
    /// <param name="description">For the help.</param>
    internal CountOption(string name, string noun, int least, string description)
        : base(name)
    {
        _noun = noun;
        _least = least;
        HelpName = "N";
        Description = description;
        CustomParser = Parse;
    }

    internal int? Get(ParseResult command) => command.GetValue(this);

    private int? Parse(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count >= _least)
        {
            return count;
        }

        result.AddError($"'{text}' is no number of {_noun}");
        return null;
    }
}

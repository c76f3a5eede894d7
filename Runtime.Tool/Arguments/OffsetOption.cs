using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Runtime.Tool.Arguments;

/// <summary><c>--offset N</c>: bytes from the start, decimal, or hexadecimal after <c>0x</c>.</summary>
internal sealed class OffsetOption : Option<long>
{
    internal OffsetOption(string description)
        : base("--offset")
    {
        HelpName = "N";
        Required = true;
        Description = description;
        CustomParser = Parse;
    }

    internal long Get(ParseResult command) => command.GetRequiredValue(this);

    private static long Parse(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        bool isHex = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        string digits = isHex ? text[2..] : text;
        NumberStyles style = isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None;
        if (!long.TryParse(digits, style, CultureInfo.InvariantCulture, out long offset) || offset < 0)
        {
            result.AddError($"'{text}' is no byte offset");
        }

        return offset;
    }
}

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
        bool parsed = isHex
            ? long.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long offset)
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out offset);
        if (!parsed || offset < 0)
        {
            result.AddError($"'{text}' is no byte offset");
        }

        return offset;
    }
}

using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text;

namespace Runtime.Tool.Arguments;

/// <summary><c>--text T</c> or <c>--hex H</c>: bytes on the command line, by exactly one of the two.</summary>
internal sealed class BytesOptions
{
    private readonly Option<byte[]> _text = new("--text")
    {
        HelpName = "T",
        CustomParser = ParseText,
    };

    private readonly Option<byte[]> _hex = new("--hex")
    {
        HelpName = "H",
        CustomParser = ParseHex,
    };

    internal BytesOptions(string purpose)
    {
        _text.Description = $"{purpose}, as text; UTF-8, without a line end.";
        _hex.Description = $"{purpose}, as pairs of hexadecimal digits, with spaces between bytes if you like.";
    }

    internal void AddTo(Command command)
    {
        command.Options.Add(_text);
        command.Options.Add(_hex);
        command.Validators.Add(RequireExactlyOne);
    }

    // An array option that is not given has an empty array for its value, not null.
    internal byte[] Get(ParseResult command) =>
        command.GetRequiredValue(command.GetResult(_text) is null ? _hex : _text);

    private void RequireExactlyOne(CommandResult result)
    {
        bool hasText = result.GetResult(_text) is not null;
        bool hasHex = result.GetResult(_hex) is not null;
        if (hasText == hasHex)
        {
            result.AddError(hasText ? "--text and --hex exclude each other" : "--text or --hex is required");
        }
    }

    private static byte[] ParseText(ArgumentResult result)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(result.Tokens[0].Value);
        if (bytes.Length == 0)
        {
            result.AddError("--text is empty");
        }

        return bytes;
    }

    private static byte[] ParseHex(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (!HexBytes.TryParse(text, out byte[]? bytes))
        {
            result.AddError($"'{text}' is not pairs of hexadecimal digits");
            return [];
        }

        if (bytes.Length == 0)
        {
            result.AddError("--hex is empty");
        }

        return bytes;
    }
}

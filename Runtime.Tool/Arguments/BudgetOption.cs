using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Runtime.Tool.Output;

namespace Runtime.Tool.Arguments;

/// <summary><c>--budget SIZE</c>: bytes of memory, with a unit if you like: <c>64MiB</c>.</summary>
internal sealed class BudgetOption : Option<long?>
{
    private const int MiB = 1 << 20;

    private static readonly (string Unit, int Shift)[] s_units =
        [("KiB", 10), ("MiB", 20), ("GiB", 30), ("TiB", 40), ("K", 10), ("M", 20), ("G", 30), ("T", 40), ("", 0)];

    internal BudgetOption(string description)
        : base("--budget")
    {
        HelpName = "SIZE";
        Description = description;
        CustomParser = Parse;
    }

    /// <summary>What a kernel needs; on Windows memory comes in pieces of 1 MiB.</summary>
    internal static long Least => OperatingSystem.IsWindows() ? 64 * MiB : MiB;

    internal long? Get(ParseResult command) => command.GetValue(this);

    private static long? Parse(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (!TryParse(text, out long bytes))
        {
            result.AddError($"'{text}' is no size; '64MiB' is one");
            return null;
        }

        if (bytes < Least)
        {
            result.AddError($"a kernel needs at least {Format.Scaled(Least)} of memory");
            return null;
        }

        return bytes;
    }

    private static bool TryParse(string text, out long bytes)
    {
        (string unit, int shift) = s_units.First(unit => text.EndsWith(unit.Unit, StringComparison.OrdinalIgnoreCase));
        bool isNumber = long.TryParse(
            text.AsSpan(0, text.Length - unit.Length), NumberStyles.None, CultureInfo.InvariantCulture, out long count);
        bytes = count << shift;
        return isNumber && bytes >> shift == count;
    }
}

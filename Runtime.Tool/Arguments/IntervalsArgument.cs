using System.CommandLine;
using System.CommandLine.Parsing;

namespace Runtime.Tool.Arguments;

/// <summary><c>INTERVAL…</c>: one or more versions, or ranges of them.</summary>
internal sealed class IntervalsArgument : Argument<IntervalRange[]>
{
    internal IntervalsArgument(string description)
        : base("INTERVAL")
    {
        Arity = ArgumentArity.OneOrMore;
        Description = description;
        CustomParser = Parse;
    }

    internal IntervalRange[] Get(ParseResult command) => command.GetRequiredValue(this);

    private static IntervalRange[] Parse(ArgumentResult result)
    {
        var ranges = new List<IntervalRange>(result.Tokens.Count);
        foreach (Token token in result.Tokens)
        {
            if (!IntervalRange.TryParse(token.Value, out IntervalRange range))
            {
                result.AddError(
                    $"'{token.Value}' is no interval and no range like 3-7; 'katydid history' lists them");
                return [];
            }

            ranges.Add(range);
        }

        return [.. ranges];
    }
}

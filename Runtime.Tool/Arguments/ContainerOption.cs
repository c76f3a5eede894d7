using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text;

namespace Runtime.Tool.Arguments;

/// <summary><c>--container NAME</c>, or under another name.</summary>
internal sealed class ContainerOption : Option<string>
{
    private const int MaximumNameBytes = 255;

    internal ContainerOption(string description, string name = "--container")
        : base(name)
    {
        HelpName = "NAME";
        Required = true;
        Description = description;
        Validators.Add(RefuseWhatNoContainerCanBeCalled);
    }

    internal string Get(ParseResult command) => command.GetRequiredValue(this);

    private static void RefuseWhatNoContainerCanBeCalled(OptionResult result)
    {
        if (result.Tokens is [{ Value: string name }]
            && (Encoding.UTF8.GetByteCount(name) is 0 or > MaximumNameBytes || name.Any(char.IsControl)))
        {
            result.AddError($"a container's name has 1 to {MaximumNameBytes} bytes of UTF-8 and no control characters");
        }
    }
}

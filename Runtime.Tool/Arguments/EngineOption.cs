using System.CommandLine;
using System.CommandLine.Parsing;
using Runtime.Native;
using Runtime.Tool.Faults;

namespace Runtime.Tool.Arguments;

/// <summary><c>--engine NAME</c>.</summary>
internal sealed class EngineOption : Option<string>
{
    internal EngineOption()
        : base("--engine")
    {
        HelpName = "NAME";
        Description =
            "The trap engine, one of those that 'katydid doctor' shows as available; by default the first of them.";
        Validators.Add(RefuseWhatIsNotHere);
    }

    /// <summary>As an example has it: an engine that every such system has.</summary>
    internal static string Example { get; } = $"--engine {(TrapEngine.All is [.., var last] ? last.Name : "NAME")}";

    /// <summary>The engine that was named; null for the default.</summary>
    internal TrapEngine? Get(ParseResult command) => Find(command.GetValue(this));

    private static TrapEngine? Find(string? name) =>
        TrapEngine.All.FirstOrDefault(engine => string.Equals(engine.Name, name, StringComparison.OrdinalIgnoreCase));

    private static void RefuseWhatIsNotHere(OptionResult result)
    {
        if (result.Tokens is [{ Value: var name }] && Find(name) is not { Unavailable: null })
        {
            string engines = string.Join("; ", TrapFacts.Engines().Select(Describe));
            result.AddError($"there is no trap engine '{name}' here: {engines}");
        }
    }

    private static string Describe(EngineFact engine) =>
        engine.IsAvailable ? $"{engine.Name} is available" : $"{engine.Name} is not ({engine.Reason})";
}

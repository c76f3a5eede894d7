namespace Runtime.Core.Loci;

/// <summary>
/// Code under its stable name: records hold the name, since code itself does not outlive the process.
/// </summary>
internal sealed class EntryPoint
{
    /// <summary>Code that is not registered in this process: whoever would execute it rests.</summary>
    internal EntryPoint(string name) => Name = name;

    internal EntryPoint(string name, StepEntry step)
    {
        Name = name;
        Step = step;
    }

    internal EntryPoint(string name, DirectEntry direct)
    {
        Name = name;
        Direct = direct;
    }

    internal string Name { get; }

    /// <summary>Null for code in direct style.</summary>
    internal StepEntry? Step { get; }

    /// <summary>Null for code in step style.</summary>
    internal DirectEntry? Direct { get; }
}

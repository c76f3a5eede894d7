using Runtime.Core.Capabilities;

namespace Runtime.Core.Loci;

/// <summary>What comes next; made by a <see cref="StepContext"/> and good for the step that asked for it.</summary>
/// <remarks>The default value returns to the caller with an empty block.</remarks>
public readonly struct Step
{
    internal Step(StepKind kind, CapRef container = default, ulong resumePoint = 0, uint block = 0)
    {
        Kind = kind;
        Block = block;
        Container = container;
        ResumePoint = resumePoint;
    }

    internal StepKind Kind { get; }

    /// <summary>Which block it passes, of those that the locus was given; 0 for none.</summary>
    internal uint Block { get; }

    internal CapRef Container { get; }

    internal ulong ResumePoint { get; }
}

namespace Runtime.Core.Loci;

/// <summary>What a locus can hold; the errors for more name these numbers.</summary>
public static class LocusLimits
{
    /// <summary>Bytes in an argument block; more is <see cref="Status.ArgBlockTooLarge"/>.</summary>
    public const int ArgumentBlockSize = 65_536;

    /// <summary>Records on an invocation stack; more is <see cref="Status.NestingExhausted"/>.</summary>
    public const int InvocationDepth = 256;

    /// <summary>Registers of 64 bits, which pass unchanged with every invocation and return.</summary>
    public const int RegisterCount = 16;
}

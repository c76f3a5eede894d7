namespace Runtime.Tool;

/// <summary>What katydid's exit codes mean.</summary>
internal static class ExitCode
{
    internal const int Success = 0;

    /// <summary>Refused or failed, with one line on standard error; without, if standard output was closed.</summary>
    internal const int Failure = 1;

    /// <summary>The command line makes no sense.</summary>
    internal const int Usage = 2;

    /// <summary>Ended by SIGINT or SIGTERM, things put back in order; 128 + SIGINT, as shells report it.</summary>
    internal const int Cancelled = 130;
}

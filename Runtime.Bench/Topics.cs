namespace Runtime.Bench;

/// <summary>
/// What a sample is about, if not faults on resident pages or accesses to them; the peers in C say the same.
/// </summary>
internal static class Topics
{
    internal const string Read = "read";
    internal const string Cut = "cut";
    internal const string Durable = "durable";
    internal const string FirstWrite = "first write";
    internal const string Commit = "commit";
    internal const string Open = "open";
    internal const string Scale = "scale";
    internal const string Memory = "memory";
    internal const string Invocation = "invocation";
    internal const string Mapping = "mapping";
    internal const string Remote = "remote";
}

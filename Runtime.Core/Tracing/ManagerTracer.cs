using System.Collections.Concurrent;

namespace Runtime.Core.Tracing;

/// <summary>What a trace is told about one manager: its name, and those of the containers that it has open.</summary>
/// <remarks>Thread safe.</remarks>
internal sealed class ManagerTracer(ManagerTrace trace, string manager)
{
    private readonly ConcurrentDictionary<Token, string> _names = new();

    internal ManagerTrace Trace => trace;

    internal void Name(Token token, string container) => _names[token] = container;

    internal void Forget(Token token) => _names.TryRemove(token, out _);

    /// <summary>A call about a container that is open.</summary>
    internal TracedCall About(CallDirection direction, string name, Token token) => new()
    {
        Direction = direction,
        Name = name,
        Manager = manager,
        Token = token,
        Container = _names.GetValueOrDefault(token),
    };

    /// <summary>A call about a container that need not be open, or about none.</summary>
    internal TracedCall About(CallDirection direction, string name, string? container) => new()
    {
        Direction = direction,
        Name = name,
        Manager = manager,
        Container = container,
    };
}

namespace Runtime.Core.Managers;

/// <summary>The managers of a kernel by the stable names that volumes store.</summary>
public sealed class ManagerRegistry
{
    private readonly Dictionary<string, Func<Manager>> _factories = new(StringComparer.Ordinal);

    /// <summary>The registered names.</summary>
    public IReadOnlyCollection<string> Names => _factories.Keys;

    /// <summary>Registers a manager; the kernel creates it at first need, once, and disposes it.</summary>
    /// <exception cref="ArgumentException">The name is registered already.</exception>
    public void Add(string name, Func<Manager> create)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(create);
        _factories.Add(name, create);
    }

    internal Func<Manager>? Find(string name) => _factories.GetValueOrDefault(name);
}

namespace Runtime.Core.Disks;

/// <summary>The disks that capabilities can be for, by name.</summary>
public sealed class DiskRegistry
{
    private readonly Dictionary<string, Func<IDisk>> _factories = new(StringComparer.Ordinal);

    /// <summary>The registered names.</summary>
    public IReadOnlyCollection<string> Names => _factories.Keys;

    /// <summary>Registers a disk; the kernel opens it at first need, and disposes it when it is closed.</summary>
    /// <exception cref="ArgumentException">The name is registered already.</exception>
    public void Add(string name, Func<IDisk> open)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(open);
        _factories.Add(name, open);
    }

    internal Func<IDisk>? Find(string name) => _factories.GetValueOrDefault(name);
}

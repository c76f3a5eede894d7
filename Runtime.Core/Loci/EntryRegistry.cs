using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Runtime.Core.Managers;

namespace Runtime.Core.Loci;

/// <summary>The code that loci can execute, by the stable names that invocation points are stored under.</summary>
/// <remarks>Thread safe. A name like <c>bank.teller/1</c> can change its code only together with its number.</remarks>
public sealed class EntryRegistry
{
    private readonly ConcurrentDictionary<string, EntryPoint> _entries = new(StringComparer.Ordinal);

    /// <summary>The registered names.</summary>
    public IReadOnlyCollection<string> Names => [.. _entries.Keys];

    /// <summary>Registers code in step style.</summary>
    /// <exception cref="ArgumentException">
    /// The name is registered already, or begins with <c>manager/</c>: such names stand for managers.
    /// </exception>
    public void Add(string name, StepEntry step)
    {
        ArgumentNullException.ThrowIfNull(step);
        Add(new EntryPoint(CheckedName(name), step));
    }

    /// <summary>Registers code in direct style.</summary>
    /// <exception cref="ArgumentException">
    /// The name is registered already, or begins with <c>manager/</c>: such names stand for managers.
    /// </exception>
    public void AddDirect(string name, DirectEntry method)
    {
        ArgumentNullException.ThrowIfNull(method);
        Add(new EntryPoint(CheckedName(name), method));
    }

    internal bool TryFind(string name, [NotNullWhen(true)] out EntryPoint? entry) =>
        _entries.TryGetValue(name, out entry);

    private static string CheckedName(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(name.Length, 255, nameof(name));
        if (ManagerEntry.ManagerOf(name) is not null)
        {
            throw new ArgumentException(
                $"'{name}': names that begin with '{ManagerEntry.NamePrefix}' stand for managers", nameof(name));
        }

        return name;
    }

    private void Add(EntryPoint entry)
    {
        if (!_entries.TryAdd(entry.Name, entry))
        {
            throw new ArgumentException($"an entry '{entry.Name}' is registered already", nameof(entry));
        }
    }
}

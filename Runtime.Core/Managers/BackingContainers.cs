using System.Globalization;
using Runtime.Core.Containers;
using Runtime.Core.Snapshots;
using Runtime.Core.Storage;

namespace Runtime.Core.Managers;

/// <summary>
/// Containers in which a manager keeps the data of others: each belongs to one container of that manager, which alone
/// opens, writes and cuts it.
/// </summary>
/// <remarks>
/// Thread safe. Made by the kernel with the manager (<see cref="Manager.Backing"/>). Faults on a backing container that
/// happen during an upcall for another are ordinary nested faults. When the kernel is disposed they are closed after
/// all others, so that these can be saved.
/// </remarks>
public sealed class BackingContainers
{
    /// <summary>With this begin the names of all backing containers.</summary>
    public const string NamePrefix = ".layer/";

    private readonly Kernel _kernel;
    private readonly string _manager;

    internal BackingContainers(Kernel kernel, string manager)
    {
        _kernel = kernel;
        _manager = manager;
    }

    /// <summary>
    /// The name of the container that stands for this manager, which a self-managing one keeps its tables in.
    /// </summary>
    public string OwnName => ManagerEntry.NamePrefix + _manager;

    /// <summary>The name of the container in which the one with this id is kept.</summary>
    public static string NameFor(ulong id) => string.Create(CultureInfo.InvariantCulture, $"{NamePrefix}{id}");

    /// <summary>The containers of the kernel's volume, by name.</summary>
    public IReadOnlyList<ContainerRecord> All => _kernel.Containers;

    /// <summary>Looks a container up by its exact name.</summary>
    public ContainerRecord? Find(string name) => _kernel.FindRecord(name);

    /// <inheritdoc cref="Kernel.OpenContainer"/>
    public Container Open(string name, long? length, string? manager, long maximumLength) =>
        Own(_kernel.OpenContainer(name, length, manager, maximumLength));

    /// <summary>
    /// Opens the container that stands for this manager, <see cref="OwnName"/>, and that this manages itself; creates
    /// it at first. Its <see cref="Manager.OpenContainer"/> is called for it before this returns.
    /// </summary>
    /// <param name="length">What the volume lists; the manager's answer decides.</param>
    /// <exception cref="VolumeException">The kernel's log is damaged: root pages cannot be found.</exception>
    public Container OpenOwn(long length) => Own(_kernel.OpenOwn(_manager, length));

    /// <inheritdoc cref="Kernel.OpenVersion"/>
    public Container OpenVersion(string name, StateInterval interval) => Own(_kernel.OpenVersion(name, interval));

    /// <inheritdoc cref="Kernel.History(string)"/>
    public IReadOnlyList<SnapshotInfo> History(string name) => _kernel.History(name);

    /// <summary>
    /// Cuts a container and saves the snapshot, on this thread unless another is about it, until it is durable: for an
    /// upcall that must not wait for the kernel's threads, all of which may be in such upcalls.
    /// </summary>
    /// <param name="container">What was opened here.</param>
    /// <param name="interval">The number of the snapshot, greater than every one that it has.</param>
    /// <param name="time">When what it holds was cut.</param>
    /// <exception cref="KernelException">
    /// As <see cref="Container.TakeSnapshot"/>, or why it could not be saved.
    /// </exception>
    public void Save(Container container, StateInterval interval, DateTimeOffset time)
    {
        ArgumentNullException.ThrowIfNull(container);
        if (!container.IsBacking || !container.IsOf(_kernel))
        {
            throw new ArgumentException($"container '{container.Name}' was not opened here", nameof(container));
        }

        container.SaveAs(interval, time);
    }

    /// <inheritdoc cref="Kernel.DiscardVersions"/>
    public void Discard(string name, IReadOnlyCollection<StateInterval> versions) =>
        _kernel.DiscardVersions(name, versions);

    /// <inheritdoc cref="Kernel.CloneContainer"/>
    public void Clone(string source, string name, StateInterval? version) =>
        _kernel.CloneContainer(source, name, version);

    /// <summary>Lists a new container in the volume without opening it.</summary>
    /// <exception cref="KernelException"><see cref="Status.AlreadySet"/> if the name exists.</exception>
    public ContainerRecord Create(string name, long length, string manager) =>
        _kernel.CreateRecord(name, length, manager);

    /// <inheritdoc cref="Kernel.RenameContainer"/>
    public void Rename(string name, string newName) => _kernel.RenameContainer(name, newName);

    /// <inheritdoc cref="Kernel.DeleteContainer"/>
    public void Delete(string name) => _kernel.DeleteContainer(name);

    private static Container Own(Container container)
    {
        container.IsBacking = true;
        return container;
    }
}

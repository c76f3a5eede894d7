namespace Runtime.Core.Storage;

/// <summary>What the kernel needs of its home volume: which containers there are.</summary>
/// <remarks>
/// Thread safe. What changes containers is durable when it returns. Failures are <see cref="VolumeException"/>.
/// </remarks>
public interface IVolume : IDisposable
{
    /// <summary>The containers, by name.</summary>
    IReadOnlyList<ContainerRecord> Containers { get; }

    /// <summary>The log of the kernel's own records; null if there is none.</summary>
    /// <exception cref="VolumeException">It is damaged; the containers can be read nevertheless.</exception>
    IKernelLog? KernelLog { get; }

    /// <summary>Where the kernel may put pages whose managers do not take them; null if nowhere.</summary>
    ISpill? Spill => null;

    /// <summary>Looks a container up by its exact name.</summary>
    ContainerRecord? Find(string name);

    /// <summary>Creates a container that reads as zeroes.</summary>
    /// <exception cref="KernelException"><see cref="Status.AlreadySet"/> if the name exists.</exception>
    ContainerRecord Create(string name, long length, string manager);

    /// <summary>
    /// Gives a container another name, in one step with the removal of the container that had it, if there is one.
    /// </summary>
    /// <exception cref="KernelException">
    /// <see cref="Status.AlreadySet"/> if the name exists and <paramref name="replaces"/> is false.
    /// </exception>
    ContainerRecord Rename(ContainerRecord container, string name, bool replaces);

    /// <summary>
    /// Notes another manager for a container, or <see cref="ContainerRecord.NoManager"/>; its versions stay.
    /// </summary>
    /// <param name="container">Which.</param>
    /// <param name="manager">The name under which the manager is registered at boot.</param>
    /// <param name="issued">The highest interval given out so far: versions to come have higher ones.</param>
    ContainerRecord SetManager(ContainerRecord container, string manager, StateInterval issued);

    /// <summary>Removes a container with all its versions.</summary>
    void Delete(ContainerRecord container);
}

namespace Runtime.Core.Managers;

/// <summary>What a manager does about the invocation of a container that is not loaded.</summary>
public enum InvokeSupport
{
    /// <summary>The container is to be loaded here, and invoked.</summary>
    ActivatedLocally,

    /// <summary>
    /// The invocation belongs to another machine. There is only one so far: it fails with
    /// <see cref="Status.NotSupported"/>.
    /// </summary>
    Migrated,
}

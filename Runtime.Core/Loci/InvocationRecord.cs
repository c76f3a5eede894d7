using Runtime.Core.Containers;

namespace Runtime.Core.Loci;

/// <summary>
/// One level of a locus's invocation stack: where it executes, what was passed, and where it goes on.
/// </summary>
/// <remarks>For the thread that executes the locus; reused for the next invocation at the same depth.</remarks>
internal sealed class InvocationRecord
{
    internal ContainerEntity Host { get; private set; } = null!;

    internal EntryPoint Entry { get; private set; } = null!;

    /// <summary>What the next step of the code finds; 0 at its beginning.</summary>
    internal ulong ResumePoint { get; set; }

    /// <summary>The user rights of the capability that was invoked.</summary>
    internal uint UserRights { get; private set; }

    /// <summary>How often its code returned and was told that it cannot.</summary>
    internal int VainReturns { get; set; }

    /// <summary>What was passed in.</summary>
    internal ArgumentBlock In { get; set; } = new();

    /// <summary>What it sees in place of its host's own window; null without private mappings.</summary>
    internal PrivateWindow? Window { get; private set; }

    /// <summary>The window for private mappings, made at first need.</summary>
    internal PrivateWindow PrivateWindow(Kernel kernel) => Window ??= new PrivateWindow(kernel, Host);

    /// <summary>The bytes that it sees.</summary>
    /// <exception cref="KernelException">Why the container cannot be opened.</exception>
    internal ContainerView View(Kernel kernel) => Window?.View ?? kernel.Activate(Host).View;

    internal void Begin(ContainerEntity host, EntryPoint entry, uint userRights)
    {
        Host = host;
        Entry = entry;
        ResumePoint = 0;
        VainReturns = 0;
        UserRights = userRights;
    }

    /// <summary>The invocation is over.</summary>
    /// <returns>Its private window, to be closed.</returns>
    internal PrivateWindow? End()
    {
        PrivateWindow? window = Window;
        Host = null!;
        Entry = null!;
        In.Clear();
        Window = null;
        return window;
    }
}

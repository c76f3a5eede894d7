using Runtime.Core.Capabilities;
using Runtime.Core.Containers;
using Runtime.Core.Loci;

namespace Runtime.Core.Managers;

/// <summary>What executes at the invocation point of a container that stands for a manager.</summary>
internal static class ManagerEntry
{
    /// <summary>With this begin the names of such invocation points; the manager's follows.</summary>
    internal const string NamePrefix = "manager/";

    /// <summary>The name of the manager that an invocation point stands for; null if for none.</summary>
    internal static string? ManagerOf(string? entry) =>
        entry is not null && entry.StartsWith(NamePrefix, StringComparison.Ordinal) ? entry[NamePrefix.Length..] : null;

    internal static EntryPoint Create(Kernel kernel, string name) => new(name, locus => Serve(kernel, name, locus));

    /// <summary>The invocation is one step: what it asks for is done, and the answer returned.</summary>
    private static Step Serve(Kernel kernel, string name, StepContext locus)
    {
        bool isAccepted = false;
        Status status = ManagementRequest.TryReadBlock(locus.InArguments, out CapRef reference)
            ? Find(locus, reference, out ContainerEntity? container)
            : throw new KernelException(Status.NotSupported, $"'{name}' understands nothing but manage_request");
        if (status == Status.Success)
        {
            string manager = ManagerOf(name)!;
            status = Kernel.Ask(
                kernel.ManagerNamed(container!.Record.Name, manager), manager, container, out isAccepted, out _);
        }

        Span<byte> answer = stackalloc byte[ManagementRequest.AnswerLength];
        ManagementRequest.WriteAnswer(answer, status, isAccepted);
        return locus.Return(answer);
    }

    private static Status Find(StepContext locus, CapRef reference, out ContainerEntity? container)
    {
        PermissionGroup? group = null;

        // Of the container's table, which is the manager's own, the caller knows nothing.
        Status status = reference.Type == CapRefType.Locus
            ? locus.Entity.Caller.Find(reference, EntityType.Container, KernelRights.SetManager, out group)
            : Status.InvalidCapRef;
        container = status == Status.Success ? (ContainerEntity)group!.Entity : null;
        return status;
    }
}

using Runtime.Core.Containers;

namespace Runtime.Core.Loci;

/// <summary>Copies between the kernel's custody and a container, by ordinary faults; what fails is a status.</summary>
internal static class HostMemory
{
    internal static Status Find(Kernel kernel, InvocationRecord record, out ContainerView? view)
    {
        view = null;
        try
        {
            view = record.View(kernel);
            return Status.Success;
        }
        catch (Exception failure) when (Refusal.StatusOf(failure) is { } status)
        {
            return status;
        }
    }

    internal static Status Read(ContainerView view, long offset, Span<byte> destination)
    {
        try
        {
            view.Read(offset, destination);
            return Status.Success;
        }
        catch (Exception failure) when (Refusal.StatusOf(failure) is { } status)
        {
            return status;
        }
    }

    internal static Status Write(ContainerView view, long offset, ReadOnlySpan<byte> source)
    {
        try
        {
            view.Write(offset, source);
            return Status.Success;
        }
        catch (Exception failure) when (Refusal.StatusOf(failure) is { } status)
        {
            return status;
        }
    }
}

using System.Runtime.InteropServices;
using static Runtime.Native.Linux.LibC;

namespace Runtime.Native.Linux;

/// <summary>
/// Opens the descriptor and tries on two scratch pages everything that a window does; what fails becomes one sentence
/// that names the cause and the remedy.
/// </summary>
internal static unsafe class UserfaultProbe
{
    private const string KernelNeeded = "it needs Linux 6.4 or later on x86-64";

    private static readonly (ulong Bit, string Name)[] s_features =
    [
        (UFFD_FEATURE_SIGBUS, "SIGBUS"),
        (UFFD_FEATURE_MISSING_SHMEM, "MISSING_SHMEM"),
        (UFFD_FEATURE_MINOR_SHMEM, "MINOR_SHMEM"),
        (UFFD_FEATURE_PAGEFAULT_FLAG_WP, "PAGEFAULT_FLAG_WP"),
        (UFFD_FEATURE_WP_HUGETLBFS_SHMEM, "WP_HUGETLBFS_SHMEM"),
    ];

    private static ulong Features => s_features.Aggregate(0UL, (bits, feature) => bits | feature.Bit);

    /// <summary>The descriptor, ready for use; or -1 and why not.</summary>
    internal static (int Descriptor, string? Problem) Open()
    {
        int descriptor = OpenDescriptor();
        if (descriptor < 0)
        {
            return (-1, RefusedCall(Marshal.GetLastPInvokeError()));
        }

        string? problem = ProblemOf(descriptor);
        if (problem is null)
        {
            return (descriptor, null);
        }

        SetUp.Close(descriptor);
        return (-1, problem);
    }

    private static int OpenDescriptor() => userfaultfd(O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY);

    private static string RefusedCall(int error)
    {
        string cause = error switch
        {
            EPERM => "a seccomp profile (Docker's default one does) or a security module forbids the call: " +
                "allow userfaultfd in the container's profile",
            ENOSYS => "the kernel was built without it (CONFIG_USERFAULTFD), or a sandbox hides it: " +
                "use a kernel that has it, or allow the call",
            EINVAL => $"the kernel is too old to open it for user mode only: {KernelNeeded}",
            EMFILE or ENFILE => "no descriptor is left: raise the limit on open files (ulimit -n)",
            _ => $"the call failed unexpectedly; {KernelNeeded}",
        };
        return $"userfaultfd is refused ({Describe(error)}): {cause}";
    }

    private static string? ProblemOf(int descriptor)
    {
        var api = new uffdio_api { api = UFFD_API, features = Features };
        if (ioctl(descriptor, UFFDIO_API, &api) != 0)
        {
            int error = Marshal.GetLastSystemError();
            return $"the kernel's userfaultfd lacks {Missing()} ({Describe(error)}): {KernelNeeded}";
        }

        try
        {
            return FailingStep(descriptor) is { } step
                ? $"the kernel's userfaultfd fails at {step}: {KernelNeeded}"
                : null;
        }
        catch (MemoryException refusal)
        {
            return $"trying userfaultfd on two pages failed: {refusal.Message}";
        }
    }

    /// <summary>Asked of another descriptor: one that was asked for too much is of no use any more.</summary>
    private static string Missing()
    {
        var api = new uffdio_api { api = UFFD_API };
        int descriptor = OpenDescriptor();
        bool answers = descriptor >= 0 && ioctl(descriptor, UFFDIO_API, &api) == 0;
        if (descriptor >= 0)
        {
            SetUp.Close(descriptor);
        }

        ulong here = api.features;
        return answers
            ? string.Join(", ", s_features.Where(feature => (here & feature.Bit) == 0).Select(feature => feature.Name))
            : "its interface";
    }

    private static string? FailingStep(int descriptor)
    {
        const int Length = 2 * Section.PageSize;
        using var section = new LinuxSection(1, new ProtectEngine());
        byte* content = section.PageAddress(0);
        if (!section.TryPopulate(0, 1, out _))
        {
            return "giving a page memory";
        }

        *content = 1;
        nint alias = section.MapAlias(Length);
        try
        {
            return FailingStep(descriptor, (byte*)alias, Length);
        }
        finally
        {
            SetUp.Unmap(alias, Length);
        }
    }

    /// <summary>The first page has memory, the second has none.</summary>
    private static string? FailingStep(int descriptor, byte* view, int length)
    {
        byte* absent = view + Section.PageSize;
        (string Name, Func<bool> Succeeds)[] steps =
        [
            ("UFFDIO_REGISTER (missing, minor and write-protect) of a memory file",
                () => Userfault.TryRegister(descriptor, view, length) && !CanRead(view) && !CanRead(absent)),
            ("UFFDIO_CONTINUE_MODE_WP, a page for reading",
                () => Userfault.TryContinue(descriptor, view, Section.PageSize, isProtected: true)
                    && CanRead(view) && !CanWrite(view)),
            ("UFFDIO_WRITEPROTECT, the page for writing",
                () => Userfault.TryWriteProtect(descriptor, view, Section.PageSize, isProtected: false)
                    && CanWrite(view)),
            ("UFFDIO_WRITEPROTECT, the page for reading again",
                () => Userfault.TryWriteProtect(descriptor, view, Section.PageSize, isProtected: true)
                    && CanRead(view) && !CanWrite(view)),
            ("MADV_DONTNEED, no access to the page",
                () => madvise(view, Section.PageSize, MADV_DONTNEED) == 0 && !CanRead(view)),
            ("UFFDIO_CONTINUE, the page for writing",
                () => Userfault.TryContinue(descriptor, view, Section.PageSize, isProtected: false)
                    && CanWrite(view)),
            ("UFFDIO_CONTINUE, which accepted a page without memory",
                () => !Userfault.TryContinue(descriptor, absent, Section.PageSize, isProtected: false)),
        ];
        foreach ((string name, Func<bool> succeeds) in steps)
        {
            if (!succeeds())
            {
                return name;
            }
        }

        return null;
    }

    // Touched by the system on our behalf, which answers EFAULT where we would get a signal.
    private static bool CanRead(byte* page) => access(page, F_OK) == 0 || Marshal.GetLastSystemError() != EFAULT;

    private static bool CanWrite(byte* page) => getrandom(page + 1, 1, 0) == 1;

    private static string Describe(int error) => $"{Marshal.GetPInvokeErrorMessage(error)}, errno {error}";
}

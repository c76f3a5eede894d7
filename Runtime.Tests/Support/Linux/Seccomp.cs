using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Runtime.Tests.Support.Linux;

/// <summary>Lets chosen system calls of this process fail; x86-64 only, and there is no way back.</summary>
[SupportedOSPlatform("linux")]
internal static unsafe class Seccomp
{
    public const int MadviseX64 = 28;
    public const int FcntlX64 = 72;
    public const int FlockX64 = 73;
    public const int FsyncX64 = 74;
    public const int FdatasyncX64 = 75;
    public const int MemfdCreateX64 = 319;
    public const int UserfaultfdX64 = 323;
    public const int EIO = 5;
    public const int EINVAL = 22;
    public const int ENOLCK = 37;

    // linux/filter.h, linux/seccomp.h, linux/audit.h
    private const ushort LoadWord = 0x20;      // BPF_LD | BPF_W | BPF_ABS
    private const ushort JumpIfEqual = 0x15;   // BPF_JMP | BPF_JEQ | BPF_K
    private const ushort Return = 0x06;        // BPF_RET | BPF_K
    private const uint Allow = 0x7FFF0000;     // SECCOMP_RET_ALLOW
    private const uint Error = 0x00050000;     // SECCOMP_RET_ERRNO

    /// <summary>All threads, those to come included, get the error instead of the calls.</summary>
    public static void AnswerError(int errno, params ReadOnlySpan<int> calls)
    {
        List<sock_filter> filter = Begin();
        foreach (int call in calls)
        {
            filter.Add(new(JumpIfEqual, 0, 1, (uint)call));
            filter.Add(new(Return, 0, 0, Error | (uint)errno));
        }

        filter.Add(new(Return, 0, 0, Allow));
        Install(CollectionsMarshal.AsSpan(filter));
    }

    /// <summary>The same for one call, and only with this second argument.</summary>
    public static void AnswerErrorTo(int call, uint secondArgument, int errno) =>
        AnswerErrorTo(call, index: 1, secondArgument, errno);

    /// <summary>The same for one call, and only with this argument, counted from 0.</summary>
    public static void AnswerErrorTo(int call, int index, uint argument, int errno)
    {
        const uint Arguments = 16;         // offsetof(struct seccomp_data, args); of each the lower half

        List<sock_filter> filter = Begin();
        filter.Add(new(JumpIfEqual, 0, 3, (uint)call));
        filter.Add(new(LoadWord, 0, 0, Arguments + (8 * (uint)index)));
        filter.Add(new(JumpIfEqual, 0, 1, argument));
        filter.Add(new(Return, 0, 0, Error | (uint)errno));
        filter.Add(new(Return, 0, 0, Allow));
        Install(CollectionsMarshal.AsSpan(filter));
    }

    /// <summary>Lets calls of other processors' tables pass, and looks at the number of the call.</summary>
    private static List<sock_filter> Begin()
    {
        const uint CallNumber = 0;         // offsetof(struct seccomp_data, nr)
        const uint Architecture = 4;       // offsetof(struct seccomp_data, arch)
        const uint ArchX64 = 0xC000003E;   // AUDIT_ARCH_X86_64

        return
        [
            new(LoadWord, 0, 0, Architecture),
            new(JumpIfEqual, 1, 0, ArchX64),
            new(Return, 0, 0, Allow),
            new(LoadWord, 0, 0, CallNumber),
        ];
    }

    private static void Install(Span<sock_filter> filter)
    {
        const int PR_SET_NO_NEW_PRIVS = 38;
        const long SYS_seccomp = 317;
        const nuint SECCOMP_SET_MODE_FILTER = 1;
        const nuint SECCOMP_FILTER_FLAG_TSYNC = 1;

        Check(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl");
        fixed (sock_filter* first = filter)
        {
            var program = new sock_fprog { len = (ushort)filter.Length, filter = first };
            Check(
                syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, (nuint)(&program)), "seccomp");
        }
    }

    private static void Check(long result, string call)
    {
        if (result != 0)
        {
            throw new InvalidOperationException($"{call} failed: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    [DllImport("libc", SetLastError = true)]
    private static extern int prctl(int option, nuint arg2, nuint arg3, nuint arg4, nuint arg5);

    [DllImport("libc", SetLastError = true)]
    private static extern long syscall(long number, nuint arg1, nuint arg2, nuint arg3);

    private record struct sock_filter(ushort code, byte jt, byte jf, uint k);

    private struct sock_fprog
    {
        public ushort len;
        public sock_filter* filter;
    }
}

// errno.h
namespace Runtime.Native.Linux;

internal static unsafe partial class LibC
{
    internal const int EAGAIN = 11;
    internal const int ENOMEM = 12;
    internal const int EFAULT = 14;
    internal const int EINVAL = 22;
}

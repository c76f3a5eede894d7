// errno.h
namespace Runtime.Stores.Disks.Linux;

internal static partial class LibC
{
    internal const int EPERM = 1;
    internal const int EINTR = 4;
    internal const int EAGAIN = 11;
    internal const int EWOULDBLOCK = 11;
    internal const int EACCES = 13;
    internal const int ENOSPC = 28;
    internal const int EROFS = 30;
    internal const int ELOOP = 40;
    internal const int EOPNOTSUPP = 95;
    internal const int EDQUOT = 122;
}

namespace Runtime.Stores.Disks.Linux;

// errno.h
internal static partial class LibC
{
    internal const int ENOENT = 2;
    internal const int EINTR = 4;
    internal const int EWOULDBLOCK = 11;
    internal const int ENOTDIR = 20;
    internal const int ENOSPC = 28;
    internal const int EROFS = 30;
    internal const int ELOOP = 40;
    internal const int EDQUOT = 122;
}

namespace Runtime.Tests.Stores.Disks;

/// <summary>The calls that a simulated system counts.</summary>
internal enum SystemCall
{
    CreateDirectory,
    FlushDirectory,
    Open,
    Length,
    Read,
    Write,
    SetLength,
    Allocate,
    Flush,
}

namespace Runtime.Core.Storage;

/// <summary>One of the kernel's own records; the log knows only its bytes, not what they mean.</summary>
/// <param name="Kind">What kind of record.</param>
/// <param name="Container">Which container it is about; 0 if none.</param>
/// <param name="Interval">Which state interval it is about; 0 if none.</param>
/// <param name="Payload">At most <see cref="IKernelLog.MaxPayload"/> bytes.</param>
public readonly record struct KernelLogRecord(
    byte Kind, ulong Container, ulong Interval, ReadOnlyMemory<byte> Payload);

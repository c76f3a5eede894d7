namespace Runtime.Tool.Machine;

/// <summary>One fact about the machine, and what it means here, if that is not plain.</summary>
internal sealed record Finding(string Name, string Value, string? Remark = null);

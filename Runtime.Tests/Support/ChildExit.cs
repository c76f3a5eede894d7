namespace Runtime.Tests.Support;

/// <summary>How a child ended.</summary>
/// <param name="Code">On Linux 128 + the signal when one killed it.</param>
/// <param name="Output">All of its standard output, lines ended by one line feed.</param>
/// <param name="Error">The same of its standard error.</param>
internal sealed record ChildExit(int Code, string Output, string Error);

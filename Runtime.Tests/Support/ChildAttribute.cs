namespace Runtime.Tests.Support;

/// <summary>
/// Marks a <c>static int Name(string[] args)</c> that <see cref="ChildProcess"/> may run in a process of its own.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ChildAttribute : Attribute;

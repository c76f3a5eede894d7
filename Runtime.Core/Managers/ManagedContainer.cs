namespace Runtime.Core.Managers;

/// <summary>A manager's answer when it takes a container on.</summary>
/// <param name="Token">By this the kernel names the container in every later upcall; chosen by the manager.</param>
/// <param name="Length">Bytes, at the opened version.</param>
/// <param name="OpenInterval">The interval that now executes: one more than the newest ever issued.</param>
public readonly record struct ManagedContainer(Token Token, long Length, StateInterval OpenInterval);

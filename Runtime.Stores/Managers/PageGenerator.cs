namespace Runtime.Stores.Managers;

/// <summary>Computes a piece of a container's content.</summary>
/// <param name="container">The container's name.</param>
/// <param name="offset">The first byte's offset, a multiple of the page size.</param>
/// <param name="destination">
/// Zeroed, one page; at the end of the container only its bytes. Must be filled the same way each time.
/// </param>
/// <remarks>Called by several threads at once; an exception fails the fault that asked.</remarks>
public delegate void PageGenerator(string container, long offset, Span<byte> destination);

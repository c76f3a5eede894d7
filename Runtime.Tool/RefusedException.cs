namespace Runtime.Tool;

/// <summary>A verb cannot do what it was asked; the message is the line that the user sees.</summary>
internal sealed class RefusedException(string message, Exception? innerException = null)
    : Exception(message, innerException);

namespace Runtime.Core;

/// <summary>The kind of an access to a page, as <c>container_fault</c> reports it.</summary>
public enum Access
{
    /// <summary>Reading.</summary>
    Read = 0,

    /// <summary>Writing; a page that may be written may be read.</summary>
    Write = 1,

    /// <summary>Executing; reserved, always <see cref="Status.NotSupported"/>.</summary>
    Execute = 2,
}

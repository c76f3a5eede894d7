using System.Text;
using static Runtime.Stores.Volumes.Format.Container;

namespace Runtime.Stores.Volumes;

/// <summary>Which names a container and its manager may have, and how they are stored.</summary>
internal static class ContainerName
{
    private static readonly UTF8Encoding s_strict =
        new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>
    /// Throws unless the name is 1 to 255 bytes of UTF-8 without control characters or space around it.
    /// </summary>
    public static void ThrowIfInvalid(string name, string parameter)
    {
        ArgumentException.ThrowIfNullOrEmpty(name, parameter);
        if (WhatIsWrong(name) is { } reason)
        {
            throw new ArgumentException($"The name {reason}.", parameter);
        }
    }

    public static bool TryRead(ReadOnlySpan<byte> source, out string name)
    {
        name = string.Empty;
        try
        {
            name = s_strict.GetString(source);
        }
        catch (DecoderFallbackException)
        {
            return false;
        }

        return name.Length > 0 && WhatIsWrong(name) is null;
    }

    /// <returns>The bytes that it took.</returns>
    public static int Write(string name, Span<byte> destination) => s_strict.GetBytes(name, destination);

    private static string? WhatIsWrong(string name)
    {
        if (name.Any(char.IsControl))
        {
            return "has control characters";
        }

        if (char.IsWhiteSpace(name[0]) || char.IsWhiteSpace(name[^1]))
        {
            return "begins or ends with white space";
        }

        try
        {
            return s_strict.GetByteCount(name) > MaxNameBytes ? $"is longer than {MaxNameBytes} bytes of UTF-8" : null;
        }
        catch (EncoderFallbackException)
        {
            return "is not valid Unicode";
        }
    }
}

using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Runtime.Tool.Arguments;

/// <summary>Bytes written as pairs of hexadecimal digits; spaces only between pairs.</summary>
internal static class HexBytes
{
    internal static bool TryParse(string text, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = null;
        var result = new List<byte>(text.Length / 2);
        foreach (Range range in text.AsSpan().Split(' '))
        {
            ReadOnlySpan<char> word = text.AsSpan(range);
            byte[] buffer = new byte[word.Length / 2];
            if (Convert.FromHexString(word, buffer, out _, out _) != OperationStatus.Done)
            {
                return false;
            }

            result.AddRange(buffer);
        }

        bytes = [.. result];
        return true;
    }
}

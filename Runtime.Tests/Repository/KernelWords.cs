using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace Runtime.Tests.Repository;

/// <summary>A file that repeats declarations of a C header; its first line names it: <c>// sys/mman.h</c>.</summary>
/// <remarks>
/// Constants in capitals carry the C name, structures the C# one. A comment behind a declaration gives another C name:
/// <c>// struct iovec</c>, <c>// MAP_FIXED</c>; one that begins <c>// not in</c> exempts it. Fields in C# casing stand
/// for C's underscores (<c>IovBase</c>, <c>iov_base</c>); those that begin with an underscore are padding.
/// </remarks>
internal sealed partial class KernelWords
{
    private const BindingFlags All =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance;

    private readonly string _source;
    private readonly Type[] _types;

    public KernelWords(string source, Assembly assembly)
    {
        _source = source;
        string @namespace = Namespace().Match(source).Groups[1].Value;
        HashSet<string> names = [.. Declaration().Matches(source).Select(match => match.Groups["name"].Value)];
        _types = [.. assembly.GetTypes().Where(type => type.Namespace == @namespace && names.Contains(type.Name))];
    }

    /// <summary>The headers of the first line; none if it names none.</summary>
    public static string[] HeadersOf(string source) =>
        [.. FirstLine().Match(source).Groups["header"].Captures.Select(capture => capture.Value)];

    /// <summary>Whether a file declares what stands in a C header, and so must name it.</summary>
    public static bool AreIn(string source) =>
        Constant().Matches(source).Any(match => CapitalsOnly().IsMatch(match.Groups["name"].Value))
        || source.Contains("[LibraryImport(");

    /// <summary>A C program that compiles only if C and C# agree.</summary>
    public string ToProgram(IEnumerable<string> before)
    {
        var program = new StringBuilder("#define _GNU_SOURCE\n");
        foreach (string header in before.Concat(HeadersOf(_source)).Concat(["stddef.h", "stdint.h"]))
        {
            program.Append(CultureInfo.InvariantCulture, $"#include <{header}>\n");
        }

        foreach (Match match in Constant().Matches(_source))
        {
            AppendConstant(program, match.Groups["name"].Value, match.Groups["comment"].Value);
        }

        foreach (Match match in Declaration().Matches(_source).Where(match => match.Groups["kind"].Value == "struct"))
        {
            AppendStructure(program, match.Groups["name"].Value, match.Groups["comment"].Value);
        }

        return program.ToString();
    }

    private void AppendConstant(StringBuilder program, string name, string comment)
    {
        string c = CapitalsOnly().IsMatch(comment) ? comment : name;
        if (!CapitalsOnly().IsMatch(c) || comment.StartsWith("not in", StringComparison.Ordinal))
        {
            return;
        }

        object value = _types.SelectMany(type => type.GetFields(All))
            .First(field => field.IsLiteral && field.Name == name).GetRawConstantValue()!;
        if (value is string)
        {
            return;
        }

        // Compared in the width that C# gives it: a negative int and a large unsigned one are the same bits.
        (int bits, ulong number) = value switch
        {
            int number32 => (32, (uint)number32),
            long number64 => (64, (ulong)number64),
            short number16 => (16, (ushort)number16),
            sbyte number8 => (8, (byte)number8),
            byte => (8, (byte)value),
            ushort => (16, (ushort)value),
            uint => (32, (uint)value),
            _ => (64, Convert.ToUInt64(value, CultureInfo.InvariantCulture)),
        };
        Assert(program, $"(uint{bits}_t)({c}) == 0x{number:x}u", $"{c} is 0x{number:x} in C#");
    }

    private void AppendStructure(StringBuilder program, string name, string comment)
    {
        if (comment.StartsWith("not in", StringComparison.Ordinal))
        {
            return;
        }

        string c = comment.Length > 0 ? comment : name;
        Type type = _types.First(type => type.Name == name);
        int size = Marshal.SizeOf(type);
        Assert(program, $"sizeof({c}) == {size}", $"{c} has {size} bytes in C#");
        foreach (FieldInfo field in type.GetFields(All).Where(field => !field.IsStatic))
        {
            string plain = BackingField().Replace(field.Name, "$1");
            if (plain[0] == '_')
            {
                continue;
            }

            string member = char.IsUpper(plain[0]) && c != name ? InUnderscores(plain) : plain;
            nint offset = Marshal.OffsetOf(type, field.Name);
            Assert(program, $"offsetof({c}, {member}) == {offset}", $"{c}.{member} is at {offset} in C#");
        }
    }

    private static void Assert(StringBuilder program, string condition, string message) =>
        program.Append(CultureInfo.InvariantCulture, $"_Static_assert({condition}, \"{message}\");\n");

    private static string InUnderscores(string name) =>
        InnerCapital().Replace(name, "_$0").ToLowerInvariant();

    [GeneratedRegex(@"\A// (?<header>[\w/.]+\.h)(, (?<header>[\w/.]+\.h))*\r?\n")]
    private static partial Regex FirstLine();

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(
        @"^[^/\n]*\b(?<kind>class|struct) (?<name>\w+)[^/\n]*(// (?<comment>.+?))?\r?$", RegexOptions.Multiline)]
    private static partial Regex Declaration();

    [GeneratedRegex(@"^[^/\n]*\bconst \w+ (?<name>\w+) =[^/\n]*(// (?<comment>.+?))?\r?$", RegexOptions.Multiline)]
    private static partial Regex Constant();

    [GeneratedRegex(@"^[A-Z][A-Z0-9_]+$")]
    private static partial Regex CapitalsOnly();

    [GeneratedRegex("(?<!^)[A-Z]")]
    private static partial Regex InnerCapital();

    [GeneratedRegex("^<(.+)>k__BackingField$")]
    private static partial Regex BackingField();
}

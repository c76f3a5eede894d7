using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Runtime.Tests.Repository;

/// <summary>The three libraries, from the ground up, as they were compiled.</summary>
internal static class Libraries
{
    public static readonly string[] Names = ["Runtime.Native", "Runtime.Core", "Runtime.Stores"];

    public static readonly HashSet<string> OfLinux = ["libc", "libc.so.6"];

    public static readonly HashSet<string> OfWindows = new(StringComparer.OrdinalIgnoreCase)
    {
        "kernel32", "kernel32.dll", "kernelbase", "kernelbase.dll", "ntdll", "ntdll.dll", "advapi32", "advapi32.dll",
    };

    public static Assembly Load(string name) => Assembly.Load("Katydid." + name);

    /// <summary>Every native function that a library imports, whether by LibraryImport or DllImport.</summary>
    public static IEnumerable<Import> ImportsOf(string name)
    {
        using var file = new PEReader(File.OpenRead(Load(name).Location));
        MetadataReader metadata = file.GetMetadataReader();
        foreach (MethodDefinitionHandle handle in metadata.MethodDefinitions)
        {
            MethodDefinition method = metadata.GetMethodDefinition(handle);
            MethodImport import = method.GetImport();
            if (import.Module.IsNil)
            {
                continue;
            }

            TypeDefinition type = metadata.GetTypeDefinition(method.GetDeclaringType());
            yield return new Import(
                metadata.GetString(metadata.GetModuleReference(import.Module).Name),
                metadata.GetString(import.Name),
                $"{NamespaceOf(metadata, type)}.{metadata.GetString(type.Name)}");
        }
    }

    private static string NamespaceOf(MetadataReader metadata, TypeDefinition type)
    {
        while (!type.GetDeclaringType().IsNil)
        {
            type = metadata.GetTypeDefinition(type.GetDeclaringType());
        }

        return metadata.GetString(type.Namespace);
    }
}

/// <summary>An imported native function and the type that declares it.</summary>
internal sealed record Import(string Library, string Function, string DeclaredBy)
{
    public override string ToString() => $"{Library}!{Function} ({DeclaredBy})";
}

using System.Runtime.InteropServices;
using NUnit.Framework;

namespace Runtime.Tests.Repository;

/// <summary>A misspelled import otherwise shows only on the day when it is called.</summary>
public class ImportTests
{
    [TestCaseSource(typeof(Libraries), nameof(Libraries.Names))]
    public void Every_import_resolves(string library)
    {
        IEnumerable<string> missing = Libraries.ImportsOf(library)
            .Where(IsOfThisSystem)
            .Where(import => !Resolves(library, import))
            .Select(import => import.ToString());
        Assert.That(missing, Is.Empty);
    }

    /// <summary>What stands in a namespace of one system, or calls a library of it, belongs to it.</summary>
    private static bool IsOfThisSystem(Import import)
    {
        bool linux = import.DeclaredBy.Contains(".Linux.") || Libraries.OfLinux.Contains(import.Library);
        bool windows = import.DeclaredBy.Contains(".Windows.") || Libraries.OfWindows.Contains(import.Library);
        return linux == windows || linux == OperatingSystem.IsLinux();
    }

    private static bool Resolves(string library, Import import) =>
        NativeLibrary.TryLoad(import.Library, Libraries.Load(library), searchPath: null, out nint handle) &&
        NativeLibrary.TryGetExport(handle, import.Function, out _);
}

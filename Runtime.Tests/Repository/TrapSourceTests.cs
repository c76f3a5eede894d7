using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using NUnit.Framework;
using Runtime.Native;
using Runtime.Tests.Support;

namespace Runtime.Tests.Repository;

/// <summary>What the trap library must not do, where no run would show it.</summary>
public partial class TrapSourceTests
{
    [Test]
    public void Accessors_are_leaf_assembly_routines_without_stack_use()
    {
        string[] lines = File.ReadAllLines(SourceTree.Combine("Runtime.Native", "trap", "accessors_x64.S"));
        int begin = Array.IndexOf(lines, "kt_accessors_begin:");
        int end = Array.IndexOf(lines, "kt_accessors_end:");
        string[] routines = lines[begin..end];
        Assert.That(routines.Count(line => line.Trim() == "ret"), Is.GreaterThan(5));
        Assert.That(routines.Where(line => StackUse().IsMatch(line)), Is.Empty);
    }

    [Test]
    public void No_accessor_is_called_without_a_transition()
    {
        // Without one a collection would wait for the fault, and the fault for the collection.
        MethodInfo[] all = typeof(Accessors).GetMethods(BindingFlags.Static | BindingFlags.NonPublic);
        Assert.That(all.Count(method => method.IsDefined(typeof(LibraryImportAttribute)) ||
            (method.Attributes & MethodAttributes.PinvokeImpl) != 0), Is.GreaterThanOrEqualTo(11));
        Assert.That(
            all.Where(method => method.IsDefined(typeof(SuppressGCTransitionAttribute))).Select(method => method.Name),
            Is.Empty);
    }

    [Test]
    public void On_Windows_the_trap_library_has_no_thread_variables()
    {
        // A handler must not meet one that is made at its first touch: thread state is in a slot of TlsAlloc.
        IEnumerable<string> wrong = SourceTree.Files()
            .Where(file => file.StartsWith("Runtime.Native/trap/", StringComparison.Ordinal)
                && !file.Contains("_linux", StringComparison.Ordinal))
            .Where(file => ThreadVariable().IsMatch(
                Comment().Replace(File.ReadAllText(SourceTree.Combine(file)), " ")));
        Assert.That(wrong, Is.Empty);
        Assert.That(
            File.ReadAllText(SourceTree.Combine("Runtime.Native", "trap", "os_windows.c")),
            Does.Contain("TlsAlloc("));
    }

    [GeneratedRegex(@"\b(push\w*|pop\w*|call\w*|enter|leave|jmp)\b|%([re]?[sb]p\b)")]
    private static partial Regex StackUse();

    [GeneratedRegex(@"/\*.*?\*/", RegexOptions.Singleline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"\b(__thread|_Thread_local|thread_local)\b")]
    private static partial Regex ThreadVariable();
}

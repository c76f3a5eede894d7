using System.Diagnostics;
using System.Reflection;
using NUnit.Framework;
using Runtime.Tests.Support;

namespace Runtime.Tests.Repository;

/// <summary>
/// Numbers and layouts that repeat a C header are compared with it, by the compiler: those under Linux with this
/// system's headers, those under Windows with mingw's, those of the trap library's own header with both.
/// </summary>
[LinuxOnly]
public class HeaderTests
{
    private static readonly Compiler s_linux = new("cc", "gcc", []);

    private static readonly Compiler s_windows = new(
        "x86_64-w64-mingw32-gcc", "gcc-mingw-w64-x86-64", ["winsock2.h", "windows.h"]);

    [TestCaseSource(typeof(Libraries), nameof(Libraries.Names))]
    public void Constants_and_layouts_are_those_of_the_headers(string library)
    {
        Assert.Multiple(() =>
        {
            foreach ((string file, string source) in FilesOf(library))
            {
                if (KernelWords.HeadersOf(source).Length == 0)
                {
                    continue;
                }

                var words = new KernelWords(source, Libraries.Load(library));
                foreach (Compiler compiler in CompilersOf(file))
                {
                    Assert.That(Differences(words, compiler), Is.Empty, $"{file}, by {compiler.Command}");
                }
            }
        });
    }

    [TestCaseSource(typeof(Libraries), nameof(Libraries.Names))]
    public void A_file_of_kernel_words_names_its_header(string library)
    {
        IEnumerable<string> silent = FilesOf(library)
            .Where(file => file.Path.Contains("/Linux/") || file.Path.Contains("/Windows/"))
            .Where(file => KernelWords.AreIn(file.Source) && KernelWords.HeadersOf(file.Source).Length == 0)
            .Select(file => file.Path);
        Assert.That(silent, Is.Empty, "the first line must be like: // sys/mman.h");
    }

    [Test]
    public void Right_declarations_are_found_right() =>
        Assert.That(Differences(Sample("RightMMan.cs"), s_linux), Is.Empty);

    [Test]
    public void Wrong_declarations_are_found_wrong()
    {
        string differences = Differences(Sample("WrongMMan.cs"), s_linux);
        Assert.That(differences, Does.Contain("MAP_ANONYMOUS is 0x10 in C#"));
        Assert.That(differences, Does.Contain("MAP_NEVER_HEARD_OF"));
        Assert.That(differences, Does.Contain("struct iovec.iov_base is at 8 in C#"));
    }

    private static KernelWords Sample(string file) => new(
        File.ReadAllText(SourceTree.Combine("Runtime.Tests", "Repository", "Samples", file)),
        Assembly.GetExecutingAssembly());

    private static IEnumerable<(string Path, string Source)> FilesOf(string library) => SourceTree.Files()
        .Where(file => file.StartsWith(library + "/", StringComparison.Ordinal) && Path.GetExtension(file) == ".cs")
        .Select(file => (file, File.ReadAllText(SourceTree.Combine(file))));

    private static Compiler[] CompilersOf(string file) =>
        file.Contains("/Linux/") ? [s_linux] : file.Contains("/Windows/") ? [s_windows] : [s_linux, s_windows];

    /// <summary>What the compiler has against the program; nothing if all agree.</summary>
    private static string Differences(KernelWords words, Compiler compiler)
    {
        var start = new ProcessStartInfo(Requires.Command(compiler.Command, compiler.Package))
        {
            ArgumentList =
            {
                "-fsyntax-only", "-D_WIN32_WINNT=0x0A00", "-I", SourceTree.Combine("Runtime.Native", "trap"),
                "-x", "c", "-",
            },
            RedirectStandardInput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(words.ToProgram(compiler.HeadersBefore));
        process.StandardInput.Close();
        process.WaitForExit();
        return process.ExitCode == 0 ? "" : errors.Result;
    }

    private sealed record Compiler(string Command, string Package, string[] HeadersBefore);
}

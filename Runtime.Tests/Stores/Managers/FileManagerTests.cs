using NUnit.Framework;
using Runtime.Core;
using Runtime.Core.Containers;
using Runtime.Stores.Managers;
using Runtime.Tests.Support;

namespace Runtime.Tests.Stores.Managers;

public class FileManagerTests : ManagerContract
{
    private SourceOptions? _options;

    private protected override bool IsReadOnly => true;

    private string Root => Directory["root"];

    private string File => Path.Combine(Root, Name);

    [SetUp]
    public void WriteFile()
    {
        System.IO.Directory.CreateDirectory(Root);
        System.IO.File.WriteAllBytes(File, Pattern.Bytes(Length));
        _options = null;
    }

    [Test]
    public void Its_length_is_the_files_whatever_was_said_and_nothing_is_imported()
    {
        using Kernel kernel = Boot();
        using Container container = Open(kernel);
        Assert.That(kernel.Containers.Single().Length, Is.Zero);
        Assert.That(container.Length, Is.EqualTo(Length));
        System.IO.File.WriteAllBytes(File, []);
        using Container empty = Open(kernel, "a2", path: "a");
        Assert.That(empty.Length, Is.Zero);
    }

    [TestCase("shorter")]
    [TestCase("longer")]
    [TestCase("rewritten")]
    public void A_file_that_changes_is_refused_until_it_is_opened_again(string how)
    {
        _options = new SourceOptions { TransferUnit = 1, ReadAhead = 0 };
        using Kernel kernel = Boot();
        using (Container container = Open(kernel))
        {
            AssertPage(container, 0, "before");
            using (FileStream stream = System.IO.File.Open(File, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            {
                stream.SetLength(how == "shorter" ? 10_000 : how == "longer" ? 2 * Length : Length);
                stream.WriteByte(99);
            }

            System.IO.File.SetLastWriteTimeUtc(
                File, System.IO.File.GetLastWriteTimeUtc(File) + TimeSpan.FromSeconds(how == "rewritten" ? 1 : 0));
            KernelException failure = AssertFails(() => container.View.Read<byte>(9 * 4096), Status.IoError);
            Assert.That(failure.InnerException!.Message, Does.Contain("has changed since it was opened"));
            AssertPage(container, 0, "what is in memory");
        }

        using Container again = Open(kernel);
        Assert.That(again.View.Read<byte>(0), Is.EqualTo(99));
        Assert.That(again.Length, Is.EqualTo(new FileInfo(File).Length));
    }

    [TestCase("..")]
    [TestCase("../root/a")]
    [TestCase("x/../a")]
    [TestCase("./a")]
    [TestCase("/etc/passwd")]
    [TestCase("C:\\Windows\\win.ini")]
    [TestCase("a:stream")]
    [TestCase("x\\..\\..\\b")]
    [TestCase("x//a")]
    public void A_name_that_could_lead_out_of_the_root_is_refused(string name)
    {
        System.IO.Directory.CreateDirectory(Path.Combine(Root, "x"));
        using Kernel kernel = Boot();
        AssertDenied(() => kernel.OpenContainer(name, 0, "file"));
        Assert.That(kernel.Containers, Is.Empty);
    }

    [Test]
    [LinuxOnly]
    public void A_link_could_lead_out_of_the_root([Values("link", "folder/a")] string name)
    {
        System.IO.File.CreateSymbolicLink(Path.Combine(Root, "link"), Path.Combine(Root, "a"));
        System.IO.Directory.CreateSymbolicLink(Path.Combine(Root, "folder"), Root);
        using Kernel kernel = Boot();
        AssertDenied(() => kernel.OpenContainer(name, 0, "file"));
    }

    [Test]
    public void A_function_may_lead_anywhere()
    {
        System.IO.File.WriteAllBytes(Directory["elsewhere"], Pattern.Bytes(9000));
        using Kernel kernel = Boot();
        using Container container = Open(kernel, "b", path: "../elsewhere");
        Assert.That(container.Length, Is.EqualTo(9000));
        AssertPage(container, 1, "elsewhere");
    }

    [Test]
    public void What_is_no_file_is_refused_and_not_left_behind()
    {
        using Kernel kernel = Boot();
        AssertFails(() => kernel.OpenContainer("missing", 0, "file"), Status.ContainerGone);
        AssertDenied(() => Open(kernel, "folder", path: "."));
        Assert.That(kernel.Containers, Is.Empty);
        System.IO.File.WriteAllText(Path.Combine(Root, "missing"), "here");
        Assert.That(kernel.OpenContainer("missing", 0, "file").View.Read<byte>(0), Is.EqualTo('h'));
    }

    [Test]
    public void A_unit_comes_with_one_fault_and_a_reader_is_foreseen()
    {
        using Kernel kernel = Boot();
        Container container = Open(kernel);
        AssertPage(container, 20, "in the middle");
        Assert.That(container.Statistics.ResidentPages, Is.EqualTo(16));
        for (int page = 0; page < 200; page++)
        {
            AssertPage(container, page, "on the way");
        }

        Assert.That(() => container.Statistics.ResidentPages, Is.GreaterThan(208).After(10_000, 10));
        Assert.That(container.Statistics.Upcalls, Is.LessThan(30));
    }

    private protected override void Expect(int page, Span<byte> content) => Pattern.FillPage(page, content);

    private protected override void Configure(KernelOptions options)
    {
        options.Managers.Add("file", () => new FileManager(Root, _options));
        options.Managers.Add("any", () => new FileManager(
            name => Path.Combine(Root, _paths.GetValueOrDefault(name, name)), _options));
    }

    private readonly Dictionary<string, string> _paths = [];

    private protected override Container Open(Kernel kernel) => kernel.OpenContainer(Name, 0, "file");

    private Container Open(Kernel kernel, string name, string path)
    {
        _paths[name] = path;
        return kernel.OpenContainer(name, 0, "any");
    }
}
